package dev.backstitch.faults;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** Doesn't send the calls that match, and answers them as if they had succeeded. Remembers them. */
final class Swallow implements Policy {
    private final Predicate<Call> matching;
    private final Policy answer;
    private final List<Call> swallowed = Collections.synchronizedList(new ArrayList<>());

    private Swallow(Predicate<Call> matching, Policy answer) {
        this.matching = matching;
        this.answer = answer;
    }

    /** Answers that so many rows were changed. */
    static Swallow update(int rows, Predicate<Call> matching) {
        return new Swallow(matching, (call, sending) -> sending.answer(rows));
    }

    /** Answers with the rows of another query. */
    static Swallow query(String instead, Predicate<Call> matching) {
        return new Swallow(matching, (call, sending) -> sending.answer(instead));
    }

    /** Answers as this policy does. */
    static Swallow with(Policy answer, Predicate<Call> matching) {
        return new Swallow(matching, answer);
    }

    @Override
    public Object on(Call call, Sending sending) throws SQLException {
        if (!matching.test(call)) {
            return sending.send();
        }
        swallowed.add(call);
        return answer.on(call, sending);
    }

    /** What was swallowed so far. */
    List<Call> swallowed() {
        synchronized (swallowed) {
            return List.copyOf(swallowed);
        }
    }
}
