package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How much of the database's machine each merge of a backfill may use, in place of what the database gives everybody. Whatever
 * becomes of the merge, others have what they had. Immutable; a team keeps its own in a constant: {@code LARGE.during(offPeak)}.
 *
 * @param threads how many threads one statement may use; nothing for as many as the database gives
 * @param megabytes how much memory, in units of 1,048,576 bytes, as the database counts it; nothing for as much as it gives
 * @param during when; outside of it a merge begins with what the database gives. Nothing for always
 */
public record Compute(OptionalInt threads, OptionalLong megabytes, Optional<Windows> during) {
    public Compute {
        requireNonNull(threads, "threads");
        requireNonNull(megabytes, "megabytes");
        requireNonNull(during, "during");
    }

    /** The same with so many threads for one statement. */
    public Compute threads(int count) {
        return new Compute(OptionalInt.of(count), megabytes, during);
    }

    /** The same with so much memory, in units of 1,048,576 bytes. */
    public Compute megabytes(long amount) {
        return new Compute(threads, OptionalLong.of(amount), during);
    }

    /** The same, at these times only. */
    public Compute during(Windows windows) {
        return new Compute(threads, megabytes, Optional.of(windows));
    }

    /** Whether a merge that begins now has it. */
    public boolean appliesAt(Instant now) {
        return during.isEmpty() || during.get().isOpen(now);
    }

    /** {@code 4 threads and 512 MB, daily 22:00 to 06:00 (Europe/Berlin)}, for people. */
    @Override
    public String toString() {
        StringBuilder said = new StringBuilder();
        threads.ifPresent(count -> said.append(count).append(count == 1 ? " thread" : " threads"));
        megabytes.ifPresent(amount ->
                said.append(said.isEmpty() ? "" : " and ").append(amount).append(" MB"));
        during.ifPresent(windows -> said.append(", ").append(windows));
        return said.toString();
    }
}
