package dev.backstitch.plan;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.plan.CheckItem.Outcome;
import java.util.List;
import java.util.stream.Stream;

/** What a plan's checklist lets begin, and which waivers have a meaning. Pure. */
public final class Waivers {
    private Waivers() {}

    /**
     * Lets a plan begin of which every item is met, waived, or no reason to wait.
     *
     * @throws BackstitchException with {@code CHECKLIST_REFUSED}
     */
    public static void requireNoneRefused(Plan plan) {
        List<String> refused = plan.backfills().stream()
                .flatMap(planned -> planned.checklist().stream()
                        .filter(item -> item.outcome() == Outcome.REFUSED)
                        .map(item -> planned.name() + "." + item.subject().word() + ": " + item.found()))
                .toList();
        if (!refused.isEmpty()) {
            throw new BackstitchException(
                    ErrorCode.CHECKLIST_REFUSED,
                    "the plan of dag " + plan.dag().name() + " is not started: its checklist refuses\n  - "
                            + String.join("\n  - ", refused)
                            + "\nNothing was written. Put it right and plan again, or let a person waive it by its name,"
                            + " with a reason.");
        }
    }

    /** Waivers of what passed, or of what is no item: whoever waives something should know how it stands. */
    static List<Problem> inVain(Plan plan, List<Waiver> waivers) {
        return waivers.stream()
                .filter(waiver -> plan.backfills().stream()
                        .flatMap(planned -> planned.checklist().stream())
                        .noneMatch(item -> item.waiver().filter(waiver::equals).isPresent()))
                .map(waiver -> new Problem(
                        ErrorCode.INVALID_VALUE,
                        "the waiver of " + waiver.item() + " by " + waiver.who(),
                        "an item that is unmet: " + unmet(plan),
                        waiver.item(),
                        "Leave it out, or correct its name. What endangers data cannot be waived."))
                .toList();
    }

    private static List<String> unmet(Plan plan) {
        return plan.backfills().stream()
                .flatMap(planned -> planned.checklist().stream()
                        .filter(item -> item.outcome() != Outcome.PASSED)
                        .flatMap(item ->
                                Stream.of(planned.name() + "." + item.subject().word())))
                .toList();
    }
}
