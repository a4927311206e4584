package dev.backstitch.run;

import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.RunsStatements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Asks whether another partition may begin. Thread-safe. */
final class Probing {
    /** It should answer within a second; a lane waits for it. */
    private static final Duration BY_SQL = Duration.ofSeconds(10);

    private final Clock clock;
    private final Connector connector;
    private final Map<String, Objection> objections = new ConcurrentHashMap<>();

    Probing(Clock clock, Connector connector) {
        this.clock = clock;
        this.connector = connector;
    }

    /**
     * Why a task begins nothing more.
     *
     * @param since when it was first heard
     */
    record Objection(String text, Instant since) {}

    /** Whether a task's instances have to be asked for first. */
    static boolean isAsked(ActiveRun active, Task task) {
        return probe(active, task).isPresent();
    }

    private static Optional<Probe> probe(ActiveRun active, Task task) {
        return task.kind() == TaskKind.MERGE
                ? active.plan()
                        .dag()
                        .member(task.member())
                        .filter(Backfill.class::isInstance)
                        .map(Backfill.class::cast)
                        .flatMap(Backfill::probe)
                : Optional.empty();
    }

    /** What is objected to another instance of a task now; from the first time that it was, in other words by then perhaps. */
    Optional<Objection> ask(ActiveRun active, Task task) {
        Optional<Probe> probe = probe(active, task);
        if (probe.isEmpty()) {
            return Optional.empty();
        }
        String key = active.id() + "/" + active.epoch() + "/" + task.name();
        Optional<String> said = ask(probe.get());
        if (said.isEmpty()) {
            objections.remove(key);
            return Optional.empty();
        }
        Instant since = objections
                .computeIfAbsent(key, first -> new Objection("", clock.instant()))
                .since();
        return Optional.of(new Objection(probe.get().name() + ": " + said.get(), since));
    }

    /** Who can't be asked objects: a backfill can wait. */
    private Optional<String> ask(Probe probe) {
        try {
            if (probe.query().isPresent()) {
                return connector instanceof RunsStatements statements
                        ? statements.ask(SqlTemplate.parse(probe.query().get()), Interrupt.after(BY_SQL))
                        : Optional.of("it can't be asked, since " + connector.name() + " runs no queries of others");
            }
            return probe.check() == null
                    ? Optional.of("its code is not registered here")
                    : probe.check().objection();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return Optional.of("it can't be asked, " + e);
        }
    }
}
