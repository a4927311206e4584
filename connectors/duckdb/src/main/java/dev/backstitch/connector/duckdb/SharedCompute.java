package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Work;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.spec.Compute;
import dev.backstitch.spi.Interrupt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads and the memory of a DuckDB process, which all its statements share: while merges run that ask for another
 * measure, it is the largest that one of them asks for, and what it was before as soon as none does. They are settings of the
 * process and die with it, so that a crash leaves nothing behind. Thread-safe.
 */
final class SharedCompute {
    private static final Logger LOG = LoggerFactory.getLogger(SharedCompute.class);

    private final Database database;
    private final List<Compute> asked = new ArrayList<>();
    private Optional<Settings> before = Optional.empty();

    SharedCompute(Database database) {
        this.database = database;
    }

    /** Both as DuckDB writes and reads them. */
    private record Settings(String threads, String memory) {}

    /** A merge begins that asks for this. */
    synchronized void begin(Compute compute) {
        if (before.isEmpty()) {
            before = Optional.of(in(SharedCompute::read));
        }
        asked.add(compute);
        try {
            adjust(before.get());
        } catch (RuntimeException e) {
            end(compute);
            throw e;
        }
    }

    /** It has ended, in whatever way. What can't be set back is set back when the next one ends. */
    synchronized void end(Compute compute) {
        asked.remove(compute);
        try {
            before.ifPresent(this::adjust);
            if (asked.isEmpty()) {
                before = Optional.empty();
            }
        } catch (BackstitchException e) {
            LOG.warn("threads and memory of DuckDB could not be set back to {}: {}", before, e.getMessage());
        }
    }

    /** From whatever they are now, since an adjustment may have failed halfway. */
    private void adjust(Settings otherwise) {
        OptionalInt threads =
                asked.stream().flatMapToInt(each -> each.threads().stream()).max();
        OptionalLong megabytes =
                asked.stream().flatMapToLong(each -> each.megabytes().stream()).max();
        in(session -> {
            Settings now = read(session);
            String wanted = threads.isPresent() ? Integer.toString(threads.getAsInt()) : otherwise.threads();
            if (!wanted.equals(now.threads())) {
                session.update(DSL.query("set global threads = " + wanted));
            }
            if (megabytes.isPresent()) {
                limit(session, megabytes.getAsLong() + "MiB");
            } else if (!otherwise.memory().equals(now.memory())) {
                restore(session, otherwise.memory());
            }
            return now;
        });
    }

    private static void limit(Session session, String memory) {
        session.update(DSL.query("set global memory_limit = '" + memory + "'"));
    }

    /** What it was before is known in rounded words, so that its default is only exact when it is reset. */
    private static void restore(Session session, String memory) {
        session.update(DSL.query("reset global memory_limit"));
        if (!read(session).memory().equals(memory)) {
            limit(session, memory);
        }
    }

    private static Settings read(Session session) {
        return session.one(
                DSL.resultQuery("select current_setting('threads')::varchar, current_setting('memory_limit')"),
                row -> new Settings(row.getString(1), row.getString(2)));
    }

    private Settings in(Work<Settings> work) {
        return database.read("threads and memory of DuckDB", Interrupt.never(), work);
    }
}
