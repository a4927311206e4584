package dev.backstitch.faults;

import java.sql.SQLException;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** Ends this JVM at one call, as if the power went: no shutdown hook, no finally, nothing is closed. */
final class Halt implements Policy {
    /** The exit code that says that the fault fired. */
    static final int EXIT_CODE = 86;

    /** What it prints first on its last line. */
    static final String FIRED = "FIRED ";

    private final int number;
    private final Moment moment;
    private final ToIntFunction<Call> place;
    private volatile Call armed;

    Halt(int number, Moment moment) {
        this(number, moment, Call::number);
    }

    /** @param place what the number counts */
    Halt(int number, Moment moment, ToIntFunction<Call> place) {
        this.number = number;
        this.moment = moment;
        this.place = place;
    }

    /** When, around its call. */
    enum Moment {
        /** The call never left. */
        BEFORE_SEND,
        /** The database did it, and nobody heard. */
        BEFORE_ACK,
        /** The caller heard, and did nothing else yet: the entry of whatever call comes next. */
        AFTER_ACK
    }

    @Override
    public Object on(Call call, Sending sending) throws SQLException {
        atEnd();
        if (place.applyAsInt(call) != number) {
            return sending.send();
        }
        if (moment == Moment.BEFORE_SEND) {
            halt(call);
        }
        try {
            return sending.send();
        } finally {
            // A refusal is an answer as well: the fence is tried by a statement that has to be refused.
            if (moment == Moment.BEFORE_ACK) {
                halt(call);
            }
            armed = call;
        }
    }

    @Override
    public void atEnd() {
        Call done = armed;
        if (done != null) {
            halt(done);
        }
    }

    private synchronized void halt(Call call) {
        System.out.println(FIRED + moment.name().toLowerCase(Locale.ROOT) + " " + call);
        System.out.flush();
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
