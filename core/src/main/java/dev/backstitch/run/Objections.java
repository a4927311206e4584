package dev.backstitch.run;

import dev.backstitch.audit.Verdict;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.stream.Collectors;

/** What failed audits say: the rows that they object to, and the failure of their task. */
final class Objections {
    private static final int MOST_OFFENDERS = 20;

    private Objections() {}

    /** The first rows that a verdict objects to, within the order's scope where it judges partitions. */
    static Offenders offenders(Measures measures, WorkOrder order, Verdict verdict, Interrupt interrupt) {
        return verdict.offending().isEmpty()
                ? Offenders.NONE
                : measures.offenders(order, verdict.offending().get(), MOST_OFFENDERS, interrupt);
    }

    /**
     * The failure.
     *
     * @param what was audited, and where it lies
     */
    static BackstitchException failed(String what, WorkOrder order, List<Verdict> blocking) {
        boolean broken = blocking.stream().anyMatch(verdict -> verdict.kind() == Verdict.Kind.INVARIANT);
        return new BackstitchException(
                broken ? ErrorCode.INVARIANT_BROKEN : ErrorCode.AUDIT_FAILED,
                "audit of " + what + " for " + order.target().name() + " (run " + order.run() + ") failed: "
                        + blocking.stream().map(Verdict::toString).collect(Collectors.joining("; "))
                        + ". The target is untouched; the shadow is kept for a look. "
                        + (broken ? whatNextAfterInvariant(order.run()) : whatNextAfterAudit(order.run())));
    }

    private static String whatNextAfterInvariant(String run) {
        return "If the target was written meanwhile, choose a quieter time, or declare lateWrites(catchUp()). Then cancel("
                + run + ") and start again: resume(" + run + ") would audit the same shadow once more.";
    }

    private static String whatNextAfterAudit(String run) {
        return "If the source is wrong, correct it, then resume(" + run
                + "): what the audit objects to is merged again."
                + " If the cause lies elsewhere, remove it, then reaudit(" + run + "). If what an audit found is right,"
                + " accept(..) it by name, then resume.";
    }
}
