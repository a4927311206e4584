package dev.backstitch.error;

import java.util.List;
import java.util.stream.Collectors;

/** A description that a gate refused, with every problem it has. Nothing has been written anywhere. */
public final class RefusedException extends BackstitchException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public RefusedException(String what, List<Problem> problems) {
        super(
                problems.size() == 1 ? problems.get(0).code() : ErrorCode.PLAN_REFUSED,
                what + " is refused; nothing was written."
                        + problems.stream().map(problem -> "\n  - " + problem).collect(Collectors.joining()));
        this.problems = List.copyOf(problems);
    }

    /** Every problem found, in the order of the description; at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
