package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes.Restored;
import dev.backstitch.spi.Publishes.Undo;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Some partitions of a run's publish as they were before it. */
final class RestoreRun {
    private final BackstitchConfig config;
    private final RunRecord record;
    private final List<WorkOrder> orders;

    RestoreRun(BackstitchConfig config, RunRecord record, List<WorkOrder> orders) {
        this.config = config;
        this.record = record;
        this.orders = orders;
    }

    /** @param backfill whose; may be left out where there is one alone */
    Restored run(Optional<String> backfill, Set<String> partitions, long acceptedLoss) {
        WorkOrder order = order(backfill);
        if (record.state() != RunState.PUBLISHED) {
            throw refused(ErrorCode.WRONG_STATE, "a run that is published", "it " + record.state());
        }
        Set<String> unknown = new TreeSet<>(partitions);
        order.scope().stream().map(Partition::id).forEach(unknown::remove);
        if (partitions.isEmpty() || !unknown.isEmpty()) {
            throw refused(
                    ErrorCode.INVALID_SCOPE,
                    "partitions that it has published, from " + order.scope().get(0) + " to "
                            + order.scope().get(order.scope().size() - 1),
                    partitions.isEmpty() ? "none" : String.join(", ", unknown));
        }
        long epoch = RollBackRun.epochOf(config.connector().ledger(), order);
        return Patience.with(() -> config.connector()
                .publishes()
                .restore(new Undo(order.at(epoch), acceptedLoss), partitions, Interrupt.never()));
    }

    private WorkOrder order(Optional<String> backfill) {
        List<WorkOrder> named = orders.stream()
                .filter(order -> backfill.isEmpty() || order.backfill().equals(backfill.get()))
                .toList();
        if (named.size() != 1) {
            throw refused(
                    ErrorCode.UNKNOWN_MEMBER,
                    "the name of one of its backfills "
                            + orders.stream().map(WorkOrder::backfill).toList(),
                    backfill.orElse("none"));
        }
        return named.get(0);
    }

    private BackstitchException refused(ErrorCode code, String expected, String found) {
        return new BackstitchException(
                code,
                "restore for run " + record.id() + " refused: expected " + expected + ", found " + found
                        + ". Nothing was changed.");
    }
}
