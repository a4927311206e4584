package dev.backstitch.cli;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.Dag;
import java.util.List;
import java.util.stream.Collectors;

/** A dag whose backfills all have nothing left to run by their policy: that is done, and no failure. */
final class NothingLeft {
    private NothingLeft() {}

    /** Whether a plan was refused for that alone. */
    static boolean is(RefusedException refused, Dag dag) {
        List<Problem> problems = refused.problems();
        return problems.stream().allMatch(problem -> problem.code() == ErrorCode.NOTHING_LEFT)
                && problems.size() == dag.backfills().size();
    }

    static String text(RefusedException refused, Dag dag) {
        return "Nothing to run in dag " + dag.name() + "; nothing was changed."
                + refused.problems().stream()
                        .map(problem -> System.lineSeparator() + "  " + problem.where() + ": " + problem.found()
                                + System.lineSeparator() + "    " + problem.fix())
                        .collect(Collectors.joining());
    }
}
