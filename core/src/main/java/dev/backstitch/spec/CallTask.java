package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A call of the developer's own code beside backfills. The code cannot be frozen with a plan, so that its name and version
 * stand for it: two calls with the same ones are equal, and a run goes on with the code that is registered then.
 *
 * @param name unique within its dag
 * @param version counted up by the developer whenever the code does something else; at least 1
 * @param limits how patient it is; its concurrency has no meaning
 * @param action the code; missing in a plan that was read from its frozen form
 */
public record CallTask(
        String name, int version, Limits limits, @Nullable Action action) implements Member {
    public CallTask {
        requireNonNull(name, "name");
        requireNonNull(limits, "limits");
        if (version < 1) {
            throw new IllegalArgumentException("a version is at least 1: " + version);
        }
    }

    /** The same task with other limits. */
    public CallTask limits(Limits other) {
        return new CallTask(name, version, other, action);
    }

    /**
     * Runs the code.
     *
     * @throws Exception what the code throws
     * @throws IllegalStateException when it comes from a frozen plan, which holds no code
     */
    public void run(Call call) throws Exception {
        if (action == null) {
            throw new IllegalStateException("call " + name + " comes from a frozen plan, which holds no code");
        }
        action.run(call);
    }

    @Override
    public <R> R match(Cases<R> cases) {
        return cases.call(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallTask call
                && name.equals(call.name)
                && version == call.version
                && limits.equals(call.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, version, limits);
    }

    @Override
    public String toString() {
        return "call " + name + " version " + version;
    }

    /**
     * Code of a developer's. It runs at least once, and again after a failure or a crash whose outcome nobody knows: it is
     * idempotent, or uses {@link Call#key} where it calls somebody who is.
     */
    @FunctionalInterface
    public interface Action {
        /** Does it; what it throws fails the attempt, which is tried again as the limits say. */
        void run(Call call) throws Exception;
    }

    /**
     * One attempt of a call.
     *
     * @param run the run's id
     * @param dag the dag's name
     * @param task the call's name
     * @param attempt which attempt this is, from 1
     * @param cancelled whether a timeout, a cancel or another engine wants it to end; asked as often as it likes
     */
    public record Call(String run, String dag, String task, int attempt, BooleanSupplier cancelled) {
        /** The same for every attempt of this call in this run, for whoever must not do it twice. */
        public String key() {
            return run + "/" + task;
        }

        /** Whether it should end. */
        public boolean isCancelled() {
            return cancelled.getAsBoolean();
        }
    }
}
