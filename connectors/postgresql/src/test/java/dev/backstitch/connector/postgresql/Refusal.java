package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.error.BackstitchException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a call was refused with. */
final class Refusal {
    private Refusal() {}

    static BackstitchException refusalOf(ThrowingCallable call) {
        BackstitchException refusal = catchThrowableOfType(BackstitchException.class, call);
        if (refusal == null) {
            throw new AssertionError("it was not refused");
        }
        return refusal;
    }
}
