package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes a publish back. The ledger knows whether that is done; the state store is told afterwards, as often as it takes. */
final class RollBackRun {
    /** A run that was cancelled may have published some of its backfills before. */
    private static final Set<RunState> MAY_HOLD_PUBLISHED = Set.of(RunState.PUBLISHED, RunState.CANCELLED);

    private final BackstitchConfig config;

    RollBackRun(BackstitchConfig config) {
        this.config = config;
    }

    /**
     * Takes back what the run has published, the last one first.
     *
     * @param orders in the order in which they were published
     */
    RolledBack run(RunRecord record, List<WorkOrder> orders, Map<String, Long> acceptedLoss) {
        List<WorkOrder> live = orders.stream().filter(this::isOrWasPublished).toList();
        if (!MAY_HOLD_PUBLISHED.contains(record.state()) || (record.state() == RunState.CANCELLED && live.isEmpty())) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + record.id() + " is " + record.state()
                            + "; only a published run can be rolled back. Nothing was changed."
                            + (!live.isEmpty() && !record.state().isFinal()
                                    ? " Its publish is in the ledger: resume it first."
                                    : ""));
        }
        refuseUnknown(record, orders, acceptedLoss);
        List<WorkOrder> lastFirst = new ArrayList<>(record.state() == RunState.CANCELLED ? live : orders);
        Collections.reverse(lastFirst);
        RolledBack outcome = all(lastFirst, acceptedLoss);
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

    private RolledBack all(List<WorkOrder> lastFirst, Map<String, Long> acceptedLoss) {
        long rows = 0;
        long lost = 0;
        List<String> done = new ArrayList<>();
        for (WorkOrder order : lastFirst) {
            try {
                RolledBack one = Patience.with(() -> once(order, acceptedLoss.getOrDefault(order.backfill(), 0L)));
                rows += one.rowsRestored();
                lost += one.writesLost();
                done.add(order.target().name().toString());
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

    private RolledBack once(WorkOrder order, long acceptedLoss) {
        Optional<Head> head = head(order);
        if (head.filter(found -> found.state() == Head.State.ROLLED_BACK).isPresent()) {
            return new RolledBack(0, 0);
        }
        return config.connector()
                .publishes()
                .rollback(order.at(head.map(Head::epoch).orElse(order.epoch())), acceptedLoss, Interrupt.never());
    }

    private boolean isOrWasPublished(WorkOrder order) {
        return head(order)
                .filter(head -> head.state() == Head.State.PUBLISHED || head.state() == Head.State.ROLLED_BACK)
                .isPresent();
    }

    private Optional<Head> head(WorkOrder order) {
        return config.connector()
                .ledger()
                .head(order.target().name())
                .filter(found -> found.run().equals(order.run()));
    }
}
