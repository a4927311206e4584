package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.Publishes.Undo;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes a publish back. The ledger knows whether that is done; the state store is told afterwards, as often as it takes. */
final class RollBackRun {
    /** A run that was cancelled may have published some of its backfills before. */
    private static final Set<RunState> MAY_HOLD_PUBLISHED = Set.of(RunState.PUBLISHED, RunState.CANCELLED);

    private final BackstitchConfig config;
    private final Ledger ledger;

    RollBackRun(BackstitchConfig config) {
        this.config = config;
        this.ledger = config.connector().ledger();
    }

    /**
     * Takes back what the run has published, the last one first.
     *
     * @param orders in the order in which they were published
     * @param together the names of those that were published in one transaction, group by group
     */
    RolledBack run(
            RunRecord record, List<WorkOrder> orders, List<List<String>> together, Map<String, Long> acceptedLoss) {
        List<WorkOrder> live = orders.stream().filter(this::isOrWasPublished).toList();
        if (!MAY_HOLD_PUBLISHED.contains(record.state()) || (record.state() == RunState.CANCELLED && live.isEmpty())) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "rollback of run " + record.id() + " refused: expected one that is published, found it "
                            + record.state() + ". Nothing was changed."
                            + (!live.isEmpty() && !record.state().isFinal()
                                    ? " Its publish is in the ledger: resume it first."
                                    : ""));
        }
        refuseUnknown(record, orders, acceptedLoss);
        List<WorkOrder> lastFirst = new ArrayList<>(record.state() == RunState.CANCELLED ? live : orders);
        Collections.reverse(lastFirst);
        RolledBack outcome = all(units(lastFirst, together), acceptedLoss);
        config.state()
                .transition(
                        record.id(),
                        record.epoch(),
                        MAY_HOLD_PUBLISHED,
                        RunState.ROLLED_BACK,
                        "",
                        config.clock().instant());
        return outcome;
    }

    private static void refuseUnknown(RunRecord record, List<WorkOrder> orders, Map<String, Long> acceptedLoss) {
        List<String> known = orders.stream().map(WorkOrder::backfill).toList();
        acceptedLoss.keySet().stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new BackstitchException(
                            ErrorCode.UNKNOWN_MEMBER,
                            "run " + record.id() + " has no backfill " + name
                                    + " whose writes could be given up; it has " + known + ". Nothing was changed.");
                });
    }

    /** What is taken back in one transaction, as it was published in one. */
    private static List<List<WorkOrder>> units(List<WorkOrder> lastFirst, List<List<String>> together) {
        Map<Object, List<WorkOrder>> units = new LinkedHashMap<>();
        for (WorkOrder order : lastFirst) {
            Object unit = together.stream()
                    .filter(names -> names.contains(order.backfill()))
                    .<Object>map(names -> names)
                    .findFirst()
                    .orElse(order.backfill());
            units.computeIfAbsent(unit, first -> new ArrayList<>()).add(order);
        }
        return List.copyOf(units.values());
    }

    private RolledBack all(List<List<WorkOrder>> units, Map<String, Long> acceptedLoss) {
        long rows = 0;
        long lost = 0;
        List<String> done = new ArrayList<>();
        for (List<WorkOrder> unit : units) {
            try {
                for (RolledBack one : Patience.with(() -> once(unit, acceptedLoss))) {
                    rows += one.rowsRestored();
                    lost += one.writesLost();
                }
                unit.forEach(order -> done.add(order.live().toString()));
            } catch (BackstitchException e) {
                if (done.isEmpty()) {
                    throw e;
                }
                throw new BackstitchException(
                        e.code(),
                        e.getMessage() + " Of the same run these are rolled back already: " + String.join(", ", done)
                                + ". Roll the run back again to go on.",
                        e);
            }
        }
        return new RolledBack(rows, lost);
    }

    private List<RolledBack> once(List<WorkOrder> unit, Map<String, Long> acceptedLoss) {
        List<Undo> undos = new ArrayList<>();
        for (WorkOrder order : unit) {
            boolean restored = ledger.archive(order)
                    .filter(archive -> archive.state() == Archive.State.RESTORED)
                    .isPresent();
            if (!restored) {
                undos.add(new Undo(order.at(epochOf(ledger, order)), acceptedLoss.getOrDefault(order.backfill(), 0L)));
            }
        }
        return undos.isEmpty() ? List.of() : config.connector().publishes().rollback(undos, Interrupt.never());
    }

    /** That of its publish. A resume that ended early has raised the state store's alone, if a later run had the head. */
    static long epochOf(Ledger ledger, WorkOrder order) {
        return ledger.entries(order).stream().mapToLong(Entry::epoch).max().orElse(order.epoch());
    }

    private boolean isOrWasPublished(WorkOrder order) {
        return ledger.archive(order).isPresent();
    }
}
