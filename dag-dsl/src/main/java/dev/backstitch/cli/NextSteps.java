package dev.backstitch.cli;

import dev.backstitch.error.ErrorCode;
import java.util.List;
import java.util.stream.Stream;

/** What can be typed after a run has ended without its end. */
final class NextSteps {
    private NextSteps() {}

    /**
     * A line a step.
     *
     * @param program how the command line is called
     * @param dag whose run it is
     * @param failure the run's, with its code in front; empty if its process ended
     */
    static List<String> after(String program, String dag, String run, String failure) {
        String resume = "  go on:   " + program + " resume " + run;
        if (is(failure, ErrorCode.NOT_CLEARED)) {
            return List.of(resume);
        }
        if (waitsForApproval(failure)) {
            return List.of(
                    "  look:    " + program + " report " + run,
                    "  approve: " + program + " approve " + run + " --who .. --why ..",
                    "  then:    " + program + " resume " + run,
                    "  give up: " + program + " cancel " + run);
        }
        if (is(failure, ErrorCode.AUDIT_FAILED)) {
            return List.of(
                    "  why:     " + program + " explain " + run,
                    "  if the source is wrong, correct it; what failed is then merged again by:",
                    "           " + program + " resume " + run,
                    "  if the cause is outside the backfill, remove it, and audit what is merged by:",
                    "           " + program + " reaudit " + run,
                    "  if what it found is right: " + program + " accept " + run
                            + " AUDIT --who .. --why .., then resume",
                    "  give up: " + program + " cancel " + run);
        }
        if (isSettled(failure)) {
            return List.of(
                    "  a resume would find the same; to start again:",
                    "  first:   " + program + " cancel " + run,
                    "  then:    " + program + " run " + dag);
        }
        if (isOfTheSource(failure)) {
            return List.of(
                    "  if you correct the source's data, go on by:",
                    "           " + program + " resume " + run,
                    "  if you correct the dag, its query or settings, start again:",
                    "  first:   " + program + " cancel " + run,
                    "  then:    " + program + " run " + dag);
        }
        return List.of(resume, "  give up: " + program + " cancel " + run);
    }

    /** Failures of one merge, for what its query brings or can't be. */
    private static boolean isOfTheSource(String failure) {
        return Stream.of(
                        ErrorCode.NULL_KEY,
                        ErrorCode.DUPLICATE_KEY,
                        ErrorCode.ROW_OUTSIDE_PARTITION,
                        ErrorCode.EMPTY_PARTITION,
                        ErrorCode.TOO_MANY_DELETES,
                        ErrorCode.KEY_IN_TWO_PARTITIONS,
                        ErrorCode.AMBIGUOUS_DEDUPE,
                        ErrorCode.SOURCE_COLUMNS,
                        ErrorCode.STATEMENT_REFUSED)
                .anyMatch(code -> is(failure, code));
    }

    /** Failures of the shadow as a whole, which is as it is: to go on with it leads to the same end. */
    private static boolean isSettled(String failure) {
        return Stream.of(
                        ErrorCode.INVARIANT_BROKEN, ErrorCode.DRIFT, ErrorCode.SHADOW_CHANGED, ErrorCode.TARGET_CHANGED)
                .anyMatch(code -> is(failure, code));
    }

    static boolean waitsForApproval(String failure) {
        return is(failure, ErrorCode.NOT_APPROVED);
    }

    private static boolean is(String failure, ErrorCode code) {
        return failure.startsWith(code.code() + " ");
    }
}
