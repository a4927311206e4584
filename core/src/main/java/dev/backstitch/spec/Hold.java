package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something downstream that does not run while a backfill does: a group of jobs, a dag of another scheduler. It is held
 * before the run's first task and released however the run ends. What was at rest before, by somebody else, is left at rest.
 */
public sealed interface Hold {
    /** How it is called in plan, log and state store; two holds of one name are the same. */
    String name();

    /**
     * Those triggers of a group that are not paused already, in the scheduler on which the engine's lanes are.
     *
     * @param group the triggers' group
     */
    record QuartzGroup(String group) implements Hold {
        public QuartzGroup {
            requireNonNull(group, "group");
        }

        @Override
        public String name() {
            return "quartz group " + group;
        }
    }

    /**
     * Something that is held and released by HTTP, such as a dag of Airflow.
     *
     * @param name unique within an installation
     * @param look tells whether it is at rest: a {@code GET} that answers with JSON
     * @param pointer where in that answer, as a JSON pointer; it is at rest when the value there is {@code true}
     * @param hold holds it; sent again after a failure or a crash
     * @param release lets it go on; sent again likewise
     * @param token the environment variable with a bearer token; it is read at each request and is kept nowhere
     * @param timeout of a request, positive
     */
    record Http(
            String name,
            URI look,
            String pointer,
            Request hold,
            Request release,
            Optional<String> token,
            Duration timeout)
            implements Hold {
        public Http {
            requireNonNull(name, "name");
            requireNonNull(look, "look");
            requireNonNull(pointer, "pointer");
            requireNonNull(hold, "hold");
            requireNonNull(release, "release");
            requireNonNull(token, "token");
            requireNonNull(timeout, "timeout");
        }

        /** With the bearer token that this environment variable has. */
        public Http token(String variable) {
            return new Http(name, look, pointer, hold, release, Optional.of(variable), timeout);
        }
    }

    /**
     * A request that may be sent any number of times.
     *
     * @param method such as {@code PATCH}
     * @param body JSON, or empty
     */
    record Request(String method, URI uri, String body) {
        public Request {
            requireNonNull(method, "method");
            requireNonNull(uri, "uri");
            requireNonNull(body, "body");
        }
    }

    /**
     * Something that is held and released by programs of the operating system, without a shell.
     *
     * @param name unique within an installation
     * @param look ends with 0 when it is at rest, and with 1 when it is not
     * @param hold holds it; run again after a failure or a crash; ends with 0
     * @param release lets it go on; run again likewise
     * @param timeout of each, positive
     */
    record Command(String name, List<String> look, List<String> hold, List<String> release, Duration timeout)
            implements Hold {
        public Command {
            requireNonNull(name, "name");
            look = List.copyOf(look);
            hold = List.copyOf(hold);
            release = List.copyOf(release);
            requireNonNull(timeout, "timeout");
        }
    }

    /**
     * Something that is held and released by statements in the targets' database, such as a table of jobs that a scheduler reads.
     * Each is a transaction of its own.
     *
     * @param name unique within an installation
     * @param look a query that finds a row when it is at rest, and none when it is not
     * @param hold holds it; run again after a failure or a crash
     * @param release lets it go on; run again likewise
     */
    record Sql(String name, String look, String hold, String release) implements Hold {
        public Sql {
            requireNonNull(name, "name");
            requireNonNull(look, "look");
            requireNonNull(hold, "hold");
            requireNonNull(release, "release");
        }
    }

    /**
     * Something that code of the developer's holds. The code cannot be frozen with a plan: name and version stand for it.
     *
     * @param name unique within an installation
     * @param version counted up whenever the code does something else; at least 1
     * @param port the code; missing in a plan that was read from its frozen form
     */
    record Coded(String name, int version, @Nullable Port port) implements Hold {
        public Coded {
            requireNonNull(name, "name");
            if (version < 1) {
                throw new IllegalArgumentException("a version is at least 1: " + version);
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Coded coded && name.equals(coded.name) && version == coded.version;
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, version);
        }
    }

    /**
     * Carries a hold out. Each call may come again, from another process too, when nobody knows what became of the one
     * before: holding what is held, and releasing what is not, changes nothing. What a call throws is tried again.
     */
    interface Port {
        /** Looks, before anything is held by a run. */
        Before look() throws Exception;

        /**
         * Holds it.
         *
         * @param note what {@link #look} noted
         */
        void hold(String note) throws Exception;

        /**
         * Lets it go on.
         *
         * @param note what {@link #look} noted
         */
        void release(String note) throws Exception;
    }

    /**
     * How something was before a run held it.
     *
     * @param atRest whether somebody else holds it, so that a run leaves it alone
     * @param note whatever must be known to release exactly what was held; kept in the state store before anything is held
     */
    record Before(boolean atRest, String note) {
        public Before {
            requireNonNull(note, "note");
        }
    }
}
