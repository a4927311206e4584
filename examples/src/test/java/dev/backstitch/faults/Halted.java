package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.ChildJvm.Ended;
import java.time.Duration;

/**
 * What became of a child that was to be halted.
 *
 * @param call where it was halted, or empty
 * @param calls how many there were, when it wasn't
 */
record Halted(String call, int calls) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Starts a child and waits for its end. */
    static Halted by(Child.Order order) throws Exception {
        Ended ended = ChildJvm.start(order.site().home(), Child.class, order.arguments())
                .await(PATIENCE);
        if (ended.exitCode() == 0) {
            return new Halted("", Integer.parseInt(ended.last(Child.COMPLETED)));
        }
        String call = ended.last(Halt.FIRED);
        assertThat(ended.exitCode()).isEqualTo(Halt.EXIT_CODE);
        return new Halted(call, 0);
    }

    boolean fired() {
        return !call.isEmpty();
    }
}
