package dev.backstitch.faults;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.examples.QuickstartParts;
import dev.backstitch.faults.Call.Store;
import dev.backstitch.state.StateStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The quickstart with a tap before its warehouse, which stops for good at one call and says so. */
final class TappedQuickstart {
    /** What it prints when it has stopped. */
    static final String HELD = "HELD ";

    private TappedQuickstart() {}

    /** The directory, the phase, and the place of the call within the phase, from 1. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        Phase phase = Phase.valueOf(arguments[1]);
        int place = Integer.parseInt(arguments[2]);
        AtomicInteger seen = new AtomicInteger();
        Tap tap = new Tap();
        tap.with(Policy.when(
                call -> call.phase() == phase && seen.incrementAndGet() == place, (call, sending) -> stop(call)));
        Driver duckdb = TappedDriver.insteadOf("jdbc:duckdb:", tap);
        Path file = QuickstartParts.prepared(directory);
        String url = "jdbc:duckdb:" + file.toAbsolutePath();
        try (Connection root = duckdb.connect(url, new Properties());
                Backstitch engine = Backstitch.open(BackstitchConfig.of(
                        DuckDb.on(tap.on(Store.TARGET, Sql.source(() -> duckdb.connect(url, new Properties()))))
                                .open(),
                        StateStores.h2(directory.resolve("state"))))) {
            Forward.publish(engine, QuickstartParts.dag());
        }
        System.out.println(Child.COMPLETED + seen.get());
        System.exit(0);
    }

    private static Object stop(Call call) {
        System.out.println(HELD + call);
        System.out.flush();
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                never.await();
            } catch (InterruptedException e) {
                System.out.println("it waits for kill -9, and for nothing else");
            }
        }
    }
}
