package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Pin;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.WatchRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The views that a run has left with the former version, and their way on to what it has published. */
final class UnpinViews {
    private final BackstitchConfig config;
    private final RunRecord record;
    private final List<WorkOrder> orders;

    UnpinViews(BackstitchConfig config, RunRecord record, List<WorkOrder> orders) {
        this.config = config;
        this.record = record;
        this.orders = orders;
    }

    List<Pin> pins() {
        return orders.stream().flatMap(order -> pins(order).stream()).toList();
    }

    private List<Pin> pins(WorkOrder order) {
        return config.connector() instanceof RepointsViews views ? views.pins(order) : List.of();
    }

    /** @param only one of them, by its name with or without the schema; nothing for all */
    List<ResolvedTable> run(Optional<String> only) {
        List<Pin> chosen = pins().stream()
                .filter(pin -> only.isEmpty() || isCalled(pin.view(), only.get()))
                .toList();
        if (chosen.isEmpty()) {
            throw refused(
                    "a view that it has pinned"
                            + only.map(name -> " called " + name).orElse(""),
                    pins().isEmpty()
                            ? "none at all"
                            : pins().stream()
                                    .map(pin -> pin.view().toString())
                                    .toList()
                                    .toString(),
                    "");
        }
        if (record.state() != RunState.PUBLISHED) {
            throw refused("a run that is published", "it " + record.state(), "");
        }
        config.state().watches().stream()
                .filter(watch -> watch.run().equals(record.id())
                        && watch.state() == WatchRecord.State.WATCHING
                        && !watch.last().isEmpty())
                .findFirst()
                .ifPresent(watch -> {
                    throw refused(
                            "that all is as it should be since its publish",
                            "that the watch objects: " + watch.last(),
                            " Mend it and let the watch look again, or roll the run back.");
                });
        List<ResolvedTable> moved = new ArrayList<>();
        for (WorkOrder order : orders) {
            for (Pin pin : pins(order)) {
                if (chosen.contains(pin) && Patience.with(() -> unpin(order, pin))) {
                    moved.add(pin.view());
                }
            }
        }
        return moved;
    }

    private boolean unpin(WorkOrder order, Pin pin) {
        return ((RepointsViews) config.connector()).unpin(order, pin.view(), Interrupt.never());
    }

    private static boolean isCalled(ResolvedTable view, String name) {
        return view.toString().equalsIgnoreCase(name) || view.table().equalsIgnoreCase(name);
    }

    private BackstitchException refused(String expected, String found, String then) {
        return new BackstitchException(
                ErrorCode.WRONG_STATE,
                "unpinning for run " + record.id() + " refused: expected " + expected + ", found " + found
                        + ". Nothing was changed." + then);
    }
}
