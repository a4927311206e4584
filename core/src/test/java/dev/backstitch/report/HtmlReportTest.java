package dev.backstitch.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Planner;
import dev.backstitch.plan.Task;
import dev.backstitch.report.RunReport.OfBackfill;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.state.InstanceKey;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
    private static final Instant BEGIN = Instant.parse("2026-11-26T10:00:00Z");
    private static final String HOSTILE =
            "</td><script>alert('x')</script>\u001b[2J\u202e\"onmouseover=x & {{run}} {{{run}}}";

    private static final AuditNote FAILED = VerdictNotes.of(
            new Verdict(
                    "row count",
                    Verdict.Kind.BLOCKING,
                    Verdict.Outcome.FAILED,
                    "within 2% of live",
                    "3% more",
                    List.of(new Verdict.OfPartition("2001-01-02", "100 to 104", "109")),
                    Optional.empty()),
            new Offenders(
                    List.of("flight_id", "note"),
                    List.of(List.of("17", HOSTILE)),
                    "select *\nfrom shadow where id < 3"));

    private static RunReport report(int days, RunState state, String text, List<AuditNote> audits) {
        Plan plan = new Planner(new MemoryConnector(), Clock.systemUTC()).plan(Samples.flights(days));
        RunRecord run = new RunRecord(
                "20261126-100000-0001",
                plan.dag().name(),
                text,
                plan.sha256(),
                state,
                1,
                state == RunState.FAILED ? "BF-320 " + text : "",
                new Owner("e", "h", 1, BEGIN),
                BEGIN,
                RunRecord.LeaseStatus.EXPIRED,
                BEGIN,
                Optional.of(BEGIN.plusSeconds(days + 40L)));
        List<InstanceRecord> instances = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        for (Task task : plan.tasks()) {
            for (int i = 0; i < task.instances(); i++) {
                boolean fails = state == RunState.FAILED && task.number() > 2;
                Instant from = BEGIN.plusSeconds(task.number() * 5L + i / 2);
                instances.add(new InstanceRecord(
                        new InstanceKey(run.id(), task.number(), i),
                        task.partitions().isEmpty() ? "" : task.partitions().get(i),
                        fails ? InstanceState.FAILED : InstanceState.SUCCEEDED,
                        "engine",
                        1,
                        BEGIN,
                        fails ? text : "",
                        Optional.of(from),
                        Optional.of(from.plusSeconds(2))));
            }
        }
        for (String partition : plan.tasks().get(2).partitions()) {
            int i = entries.size();
            entries.add(new Entry(
                    run.id(),
                    partition,
                    state == RunState.PUBLISHED ? Entry.State.PUBLISHED : Entry.State.MERGED,
                    1,
                    "logic",
                    new MergeCounts(
                            900,
                            0,
                            i % 7 * 10,
                            300 + i % 11 * 9,
                            500,
                            i % 13,
                            900,
                            Map.of("delay_class", 300L, "<b>delay</b>", 1L)),
                    BEGIN));
        }
        Optional<Archive> archive = Optional.of(new Archive(
                        new ResolvedTable("", "analytics", "bf_1_archive"),
                        run.id(),
                        9_000,
                        9_100,
                        BEGIN,
                        BEGIN.plusSeconds(86_400),
                        Archive.State.KEPT))
                .filter(kept -> state == RunState.PUBLISHED);
        return new RunReport(
                run,
                plan,
                instances,
                List.of(new OfBackfill("flights_delay_class", entries, audits, archive, Optional.empty())),
                BEGIN.plusSeconds(100));
    }

    /** Kept under {@code target}, for a look with a browser. */
    private static String page(String name, RunReport report) throws IOException {
        String page = HtmlReport.of(report, "java -jar flights.jar");
        Path directory = Files.createDirectories(Path.of("target", "reports"));
        Files.writeString(directory.resolve(name + ".html"), page);
        return page;
    }

    private static long count(String text, String regex) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        return matcher.results().count();
    }

    @Test
    void aPublishedRun_saysHowToTakeItBack_andUntilWhen() throws IOException {
        String page = page("four", report(4, RunState.PUBLISHED, "root", List.of()));

        assertThat(page)
                .contains("java -jar flights.jar rollback 20261126-100000-0001")
                .contains("analytics.bf_1_archive, kept")
                .contains("2026-11-27 10:00:00 UTC")
                .contains("4 published");
        assertThat(page)
                .contains("<td>delay_class</td><td class=\"n\">1,200</td>")
                .contains("<td>&lt;b&gt;delay&lt;/b&gt;</td><td class=\"n\">4</td>");
        assertThat(count(page, "<li class=\"published\"")).isEqualTo(4);
        assertThat(page).contains("grid few");
    }

    @Test
    void thousandsOfPartitions_areEachInGridPictureAndTable() throws IOException {
        String page = page("many", report(2000, RunState.PUBLISHED, "root", List.of()));

        assertThat(count(page, "<li class=\"published\"")).isEqualTo(2000);
        assertThat(page).doesNotContain("grid few").contains("2,000 published");
        assertThat(count(page, "<rect class=\"updated\"")).isEqualTo(2002);
        assertThat(page.length()).isLessThan(3_000_000);
    }

    @Test
    void aFailedRun_showsWhatTheAuditObjectsTo_andAllOfItHarmless() throws IOException {
        String page = page("failed", report(4, RunState.FAILED, HOSTILE, List.of(FAILED)));

        assertThat(page)
                .contains(
                        "within 2% of live",
                        "3% more", "100 to 104", "<th>flight_id</th>", "from shadow where id &lt; 3")
                .contains("java -jar flights.jar explain 20261126-100000-0001")
                .contains("java -jar flights.jar resume 20261126-100000-0001");
        assertThat(page).doesNotContain("<script").doesNotContain("\u001b").doesNotContain("\u202e");
        assertThat(page)
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
                .contains("\u27e8001b\u27e9[2J")
                .contains("{{run}} {{{run}}}");
        assertThat(count(page, "onmouseover")).isEqualTo(count(page, "&quot;onmouseover"));
    }

    @Test
    void thePicture_showsHowFarEachTaskIs() throws IOException {
        assertThat(states(report(4, RunState.PUBLISHED, "root", List.of())))
                .containsExactly(
                        "scope: scope, done",
                        "shadow: shadow, done",
                        "merge: merge, 4 partitions, done",
                        "audit: audit, done",
                        "publish: publish, done");
        assertThat(states(with(
                        report(4, RunState.RUNNING, "root", List.of()),
                        Map.of(2, InstanceState.RUNNING, 3, InstanceState.WAITING, 4, InstanceState.READY))))
                .contains("merge: merge, 4 partitions, running", "audit: audit, waiting", "publish: publish, waiting");
        assertThat(states(report(4, RunState.FAILED, "root", List.of())))
                .contains("merge: merge, 4 partitions, done", "audit: audit, failed");
    }

    @Test
    void aTaskInWork_saysHowManyPartitionsAreDone() throws IOException {
        RunReport all = with(report(4, RunState.RUNNING, "root", List.of()), Map.of(3, InstanceState.WAITING));
        List<InstanceRecord> instances = new ArrayList<>(all.instances());
        instances.set(5, in(InstanceState.RUNNING, instances.get(5)));
        RunReport report = new RunReport(all.run(), all.plan(), instances, all.backfills(), all.asOf());

        assertThat(page("running", report)).contains("class=\"box running\"", "\u25b8 running, 3 done");
    }

    @Test
    void aPublishThatWaitsForAPerson_isNotShownAsFailed() throws IOException {
        RunReport report = with(report(4, RunState.AUDITED, "root", List.of()), Map.of(4, InstanceState.FAILED));

        assertThat(states(report)).contains("audit: audit, done", "publish: publish, waiting");
        assertThat(states(with(report, Map.of(3, InstanceState.FAILED)))).contains("audit: audit, failed");
    }

    @Test
    void severalMembers_areInOnePicture_andWaitBeforeTheirTurn() throws IOException {
        Dag dag = new Dag("margin", Samples.backfill("costs"))
                .task(Samples.backfill("orders"))
                .afterSamePartitionOf(Samples.backfill("costs"))
                .then(new SqlTask("refresh", "refresh materialized view m", Limits.DEFAULT));
        RunReport one = report(4, RunState.RUNNING, "root", List.of());
        Plan plan = new Planner(new MemoryConnector(), Clock.systemUTC()).plan(dag);
        RunReport report = new RunReport(one.run(), plan, one.instances().subList(0, 2), List.of(), BEGIN);

        assertThat(page("several", report)).contains("each partition of orders.merge waits for the same one");
        assertThat(states(report))
                .hasSize(plan.tasks().size())
                .startsWith("costs.scope: scope, done", "costs.shadow: shadow, done")
                .contains("orders.merge: merge, 3 partitions, waiting", "refresh: sql, waiting");
    }

    /** What the boxes of the picture say, whose class says the same. */
    private static List<String> states(RunReport report) throws IOException {
        Matcher boxes = Pattern.compile("class=\"box (\\w+)\"[^>]*><title>([^<]+, \\1)</title>")
                .matcher(page("states", report));
        return boxes.results().map(box -> box.group(2)).toList();
    }

    private static RunReport with(RunReport report, Map<Integer, InstanceState> states) {
        return new RunReport(
                report.run(),
                report.plan(),
                report.instances().stream()
                        .map(instance -> in(states.getOrDefault(instance.key().task(), instance.state()), instance))
                        .toList(),
                report.backfills(),
                report.asOf());
    }

    private static InstanceRecord in(InstanceState state, InstanceRecord instance) {
        return new InstanceRecord(
                instance.key(),
                instance.partition(),
                state,
                instance.claimedBy(),
                instance.attempt(),
                instance.notBefore(),
                instance.error(),
                instance.startedAt(),
                instance.endedAt());
    }

    @Test
    void aNumber_isTheSame_inEveryRun() throws IOException {
        RunReport report = report(31, RunState.ROLLED_BACK, "root", List.of(FAILED));
        assertThat(page("rolled-back", report)).isEqualTo(HtmlReport.of(report, "java -jar flights.jar"));
    }
}
