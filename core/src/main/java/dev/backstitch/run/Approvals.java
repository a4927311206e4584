package dev.backstitch.run;

import dev.backstitch.audit.ApprovalNote;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Publish.Approval;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.WorkOrder;
import java.util.List;

/** The word of a person for which a publish may wait. It is in the ledger, with what it was given for. */
final class Approvals {
    private final Ledger ledger;

    Approvals(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * Lets publishes pass that need no approval, or have it for what was audited last.
     *
     * @throws BackstitchException with {@code NOT_APPROVED}
     */
    void require(List<WorkOrder> orders) {
        List<String> open = orders.stream()
                .filter(order -> order.publish().approval() == Approval.NEEDED)
                .filter(order -> ledger.notes(order).stream().noneMatch(ApprovalNote::isGiven))
                .map(order -> order.live().toString())
                .toList();
        if (!open.isEmpty()) {
            String run = orders.get(0).run();
            throw new BackstitchException(
                    ErrorCode.NOT_APPROVED,
                    "publish of " + String.join(" and ", open) + " (run " + run
                            + ") waits: expected that a person has approved what was audited, found that nobody has. The"
                            + " target is untouched, the shadow is kept. approve(" + run + ", who, why), then resume("
                            + run + "); or cancel(" + run + ").");
        }
    }
}
