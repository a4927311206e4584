package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says whether the warehouse bears more: while it objects, no further partition begins. The code cannot be frozen with a plan:
 * name and version stand for it.
 *
 * @param name what it looks at, for people
 * @param version counted up whenever the code does something else; at least 1
 * @param query asked of the targets' database in place of code: a row is an objection, its first value says which
 * @param check the code; missing where there is a query, and in a plan that was read from its frozen form
 */
public record Probe(
        String name,
        int version,
        Optional<String> query,
        @Nullable Check check) {
    public Probe {
        requireNonNull(name, "name");
        requireNonNull(query, "query");
        if (version < 1) {
            throw new IllegalArgumentException("a version is at least 1: " + version);
        }
    }

    /** One that is code. */
    public Probe(String name, int version, Check check) {
        this(name, version, Optional.empty(), check);
    }

    /** One that is a query. */
    public Probe(String name, String query) {
        this(name, 1, Optional.of(query), null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Probe probe
                && name.equals(probe.name)
                && version == probe.version
                && query.equals(probe.query);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, version, query);
    }

    /** The code. It is asked before each partition, from several threads, and should answer within a second. */
    @FunctionalInterface
    public interface Check {
        /**
         * Why no further partition should begin now, such as the lag of a replica; nothing when it may.
         *
         * @throws Exception when nobody knows, which holds partitions back as well
         */
        Optional<String> objection() throws Exception;
    }
}
