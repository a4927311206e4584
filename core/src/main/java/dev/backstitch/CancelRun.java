package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunState;
import java.util.Optional;
import java.util.Set;

/**
 * Gives a run up whose epoch the caller holds. Ledger first, then the tables, then the state store: whoever finds the head
 * abandoned after a crash goes on from there.
 */
final class CancelRun {
    private final BackstitchConfig config;
    private final Connector connector;

    CancelRun(BackstitchConfig config) {
        this.config = config;
        this.connector = config.connector();
    }

    void run(WorkOrder order) {
        if (headIs(order, Head.State.PUBLISHED)) {
            end(order, RunState.PUBLISHED);
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + order.run()
                            + " was published before it could be cancelled. The target is the published one."
                            + " Use rollback(" + order.run() + ") to take it back.");
        }
        remove(order);
        end(order, RunState.CANCELLED);
    }

    /** For a run that is cancelled: its scope task may have taken the target after the first cancel had looked. */
    void again(WorkOrder order) {
        connector.ledger().takeOver(order);
        remove(order);
    }

    /**
     * Finishes a cancel that a crash has interrupted, and refuses to go on with the run.
     *
     * @throws BackstitchException with {@code WRONG_STATE} when the head is abandoned
     */
    void refuseIfBegun(WorkOrder order) {
        if (headIs(order, Head.State.ABANDONED)) {
            remove(order);
            end(order, RunState.CANCELLED);
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + order.run()
                            + " was being cancelled when its process ended; it is cancelled now. The target"
                            + " is untouched. Start the dag again.");
        }
    }

    private void remove(WorkOrder order) {
        Patience.with(() -> {
            connector.ledger().abandon(order);
            connector.shadows().clear(order);
            return true;
        });
    }

    private void end(WorkOrder order, RunState outcome) {
        config.state()
                .transition(
                        order.run(),
                        order.epoch(),
                        Set.of(RunState.RUNNING),
                        outcome,
                        "",
                        config.clock().instant());
    }

    private boolean headIs(WorkOrder order, Head.State state) {
        Optional<Head> head = connector.ledger().head(order.target().name());
        return head.filter(found -> found.run().equals(order.run()) && found.state() == state)
                .isPresent();
    }
}
