package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Watch;
import java.time.Duration;
import java.util.List;

/** What can be wrong with what a backfill takes and holds while it runs, and with what is watched after it. Pure. */
final class CareGate {
    /** What every database takes. */
    private static final long MOST_THREADS = 1_000;

    private static final long MOST_MEGABYTES = 1_000_000;

    private final Findings findings = new Findings();

    private CareGate() {}

    static List<Problem> check(String where, Backfill backfill) {
        CareGate gate = new CareGate();
        backfill.holds().ifPresent(holds -> gate.holds(where + "holding", holds.all()));
        backfill.probe().ifPresent(probe -> gate.probe(where + "waitWhile", probe));
        backfill.compute().ifPresent(compute -> gate.compute(where + "compute", compute));
        backfill.watch().ifPresent(watch -> gate.watch(where + "watch", watch));
        return gate.findings.all();
    }

    private void holds(String where, List<Hold> holds) {
        for (Hold hold : holds) {
            findings.notBlank(INVALID_VALUE, where, "a name for what is held", hold.name());
            if (hold instanceof Hold.Sql sql) {
                findings.query(where, sql.look()).ifPresent(look -> findings.onlyBinds(where, look.binds(), List.of()));
                List.of(sql.hold(), sql.release())
                        .forEach(each -> findings.parsed(where, each)
                                .ifPresent(statement -> findings.onlyBinds(where, statement.binds(), List.of())));
            }
            if (hold instanceof Hold.Command command) {
                List.of(command.look(), command.hold(), command.release()).stream()
                        .filter(List::isEmpty)
                        .findFirst()
                        .ifPresent(empty -> findings.refuse(
                                INVALID_VALUE,
                                where,
                                "a program for each of look, hold and release of " + Findings.quoted(hold.name()),
                                "none",
                                "Name one, such as List.of(\"/usr/local/bin/pause\", \"loader\")."));
            }
        }
        for (String name : Findings.repeated(holds.stream().map(Hold::name).toList())) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "each hold once",
                    "several that are called " + Findings.quoted(name),
                    "Leave out all but one.");
        }
    }

    private void probe(String where, Probe probe) {
        findings.notBlank(INVALID_VALUE, where, "a name for what is asked", probe.name());
        probe.query()
                .flatMap(query -> findings.query(where, query))
                .ifPresent(query -> findings.onlyBinds(where, query.binds(), List.of()));
    }

    private void compute(String where, Compute compute) {
        if (compute.threads().isEmpty() && compute.megabytes().isEmpty()) {
            findings.refuse(
                    INVALID_VALUE,
                    where,
                    "threads, memory or both",
                    "neither",
                    "Say how much, such as threads(4).megabytes(512).");
        }
        compute.threads()
                .ifPresent(threads -> within(where + ".threads", "threads", threads, MOST_THREADS, "threads(4)"));
        compute.megabytes()
                .ifPresent(
                        amount -> within(where + ".megabytes", "megabytes", amount, MOST_MEGABYTES, "megabytes(512)"));
    }

    private void within(String where, String what, long found, long most, String example) {
        if (found < 1 || found > most) {
            findings.refuse(
                    INVALID_VALUE,
                    where,
                    "from 1 to " + most + " " + what,
                    Long.toString(found),
                    "Say how many, such as " + example + ".");
        }
    }

    private void watch(String where, Watch watch) {
        positive(where, "how long it lasts", watch.lasting());
        positive(where + ".every", "how often it looks", watch.every());
        if (watch.every().compareTo(watch.lasting()) > 0) {
            findings.refuse(
                    INVALID_VALUE,
                    where + ".every",
                    "at most " + Durations.words(watch.lasting()) + ", for which it lasts",
                    Durations.words(watch.every()),
                    "Look more often, or let it last longer.");
        }
        findings.addAll(AuditGate.check(where + ".check", watch.checks()));
        watch.checks().stream()
                .filter(CareGate::comparesWithFormerRows)
                .forEach(audit -> findings.refuse(
                        INVALID_VALUE,
                        where + ".check",
                        "checks of what is live by then",
                        Findings.quoted(audit.name()) + ", which compares it with what was live before",
                        "Say what must hold by itself, such as rowCount().between(..), or compare in an audit."));
    }

    private static boolean comparesWithFormerRows(Audit audit) {
        return audit instanceof Audit.Changed
                || audit instanceof Audit.OnlyChanged
                || (audit instanceof Audit.Measured measured && measured.expected() instanceof Expectation.LikeLive);
    }

    private void positive(String where, String what, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            findings.refuse(INVALID_VALUE, where, what + ", more than nothing", duration.toString(), "Say how long.");
        }
    }
}
