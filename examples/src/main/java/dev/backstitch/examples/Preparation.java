package dev.backstitch.examples;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The preparation of the data, beside the opening of the state store: both take a second, and need nothing of each other. */
final class Preparation {
    private static final double NANOS = 1e9;

    private final FlightsWarehouse warehouse;
    private Optional<CompletableFuture<Optional<String>>> begun = Optional.empty();

    Preparation(FlightsWarehouse warehouse) {
        this.warehouse = warehouse;
    }

    void begin() {
        begun = Optional.of(
                CompletableFuture.supplyAsync(this::prepare, task -> new Thread(task, "preparation").start()));
    }

    /** Waits for its end, and says what was prepared and how long it took, if it was. */
    Optional<String> await() {
        if (begun.isEmpty()) {
            return prepare();
        }
        try {
            return begun.get().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw e;
        }
    }

    private Optional<String> prepare() {
        long start = System.nanoTime();
        return warehouse.prepare()
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "prepared %s in %.2f s: staging.flights, and analytics.flights with the former classes",
                        warehouse.file(),
                        (System.nanoTime() - start) / NANOS))
                : Optional.empty();
    }
}
