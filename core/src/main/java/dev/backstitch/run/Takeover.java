package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.util.List;

/**
 * Makes this process the one that acts for a run: first in the state store, then in the ledger, each with the raised
 * epoch. A crash in between is harmless, since the next take-over raises both again.
 */
public final class Takeover {
    private final StateStore state;
    private final Connector connector;
    private final Duration lease;
    private final Owner self = Owners.here();

    public Takeover(StateStore state, Connector connector, Duration lease) {
        this.state = state;
        this.connector = connector;
        this.lease = lease;
    }

    /** Who this process is, to the state store. */
    public Owner self() {
        return self;
    }

    /**
     * Takes a run over.
     *
     * @param orders the run's work, at whatever epoch
     * @return the work at the new epoch
     * @throws BackstitchException with {@code STATE_IN_USE} when somebody who lives holds the run
     */
    public List<WorkOrder> of(RunRecord record, List<WorkOrder> orders) {
        boolean dead = record.owner().equals(self) || Owners.isSurelyDead(record.owner());
        long epoch = state.takeOver(record.id(), record.epoch(), self, lease, dead ? record.owner() : self)
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.STATE_IN_USE,
                        "run " + record.id() + " belongs to " + record.owner() + ", which holds it until "
                                + record.leasedUntil()
                                + ". Nothing was changed. Wait for it, or end that process; its lease then expires."));
        List<WorkOrder> mine = orders.stream().map(order -> order.at(epoch)).toList();
        mine.forEach(connector.ledger()::takeOver);
        return mine;
    }
}
