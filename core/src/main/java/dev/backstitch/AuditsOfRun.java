package dev.backstitch;

import dev.backstitch.audit.ApprovalNote;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.WorkOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a run's audits were judged, and who accepts what they found: all of it is in the ledger. */
final class AuditsOfRun {
    private final Ledger ledger;
    private final String run;
    private final List<WorkOrder> orders;

    AuditsOfRun(BackstitchConfig config, String run, List<WorkOrder> orders) {
        this.ledger = config.connector().ledger();
        this.run = run;
        this.orders = orders;
    }

    Map<String, List<AuditNote>> notes() {
        Map<String, List<AuditNote>> notes = new LinkedHashMap<>();
        orders.forEach(order -> notes.put(order.backfill(), ledger.notes(order)));
        return notes;
    }

    /** Gives every approval of the run that waits. */
    void approve(String who, String why) {
        requirePersonAndReason(who, why);
        boolean given = false;
        for (WorkOrder order : orders) {
            for (AuditNote note : ledger.notes(order)) {
                given |= ApprovalNote.isOne(note)
                        && (ApprovalNote.isGiven(note) || ledger.accept(order, note.name(), who, why));
            }
        }
        if (!given) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + run + " can't be approved: expected a publish that waits for it, found none: either it is"
                            + " not audited yet, or its dag doesn't say afterApproval(). Nothing was changed. See with status"
                            + " how far it is.");
        }
    }

    private static void requirePersonAndReason(String who, String why) {
        if (who.isBlank() || why.isBlank()) {
            throw new IllegalArgumentException("this is said by a person and for a reason: neither may be blank");
        }
    }

    void accept(String audit, String who, String why) {
        requirePersonAndReason(who, why);
        boolean accepted = false;
        for (WorkOrder order : orders) {
            accepted |= ledger.accept(order, audit, who, why);
        }
        if (!accepted) {
            List<String> failed = notes().values().stream()
                    .flatMap(List::stream)
                    .filter(note -> note.outcome().equals("FAILED"))
                    .map(note -> note.name() + (note.kind().equals("INVARIANT") ? " (the engine's own)" : ""))
                    .toList();
            throw new BackstitchException(
                    ErrorCode.UNKNOWN_AUDIT,
                    "audit \"" + audit + "\" of run " + run
                            + " can't be accepted: expected one that is declared and has"
                            + " failed, found " + (failed.isEmpty() ? "none that failed" : "only " + failed)
                            + ". Nothing was changed. See with explain what its audits found.");
        }
    }
}
