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
import java.util.Optional;
import java.util.Set;

/** Takes a publish back. The ledger knows whether that is done; the state store is told afterwards, as often as it takes. */
final class RollBackRun {
    private final BackstitchConfig config;

    RollBackRun(BackstitchConfig config) {
        this.config = config;
    }

    RolledBack run(RunRecord record, WorkOrder order, long acceptedLoss) {
        Optional<Head> head = head(order);
        if (record.state() != RunState.PUBLISHED) {
            boolean published =
                    head.filter(found -> found.state() == Head.State.PUBLISHED).isPresent();
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + record.id() + " is " + record.state()
                            + "; only a published run can be rolled back. Nothing was changed."
                            + (published && !record.state().isFinal()
                                    ? " Its publish is in the ledger: resume it first."
                                    : ""));
        }
        RolledBack outcome = Patience.with(() -> once(order, acceptedLoss));
        config.state()
                .transition(
                        record.id(),
                        record.epoch(),
                        Set.of(RunState.PUBLISHED),
                        RunState.ROLLED_BACK,
                        "",
                        config.clock().instant());
        return outcome;
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

    private Optional<Head> head(WorkOrder order) {
        return config.connector()
                .ledger()
                .head(order.target().name())
                .filter(found -> found.run().equals(order.run()));
    }
}
