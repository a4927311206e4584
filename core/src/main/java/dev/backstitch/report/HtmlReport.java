package dev.backstitch.report;

import com.samskivert.mustache.Template;
import dev.backstitch.audit.ApprovalNote;
import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.report.RunReport.OfBackfill;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Offenders;
import dev.backstitch.state.RunRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A run as one page of HTML that stands alone: no script, nothing fetched, readable in light and dark and on paper. All
 * that comes from a database, a source or a person is escaped. Pure.
 */
public final class HtmlReport {
    /** Up to so many partitions are shown by name. */
    private static final int FEW = 62;

    private static final Template TEMPLATE = Templates.named("report.html");

    private HtmlReport() {}

    /**
     * The page.
     *
     * @param report what is shown
     * @param program how the command line is called, for the commands that follow
     */
    public static String of(RunReport report, String program) {
        RunRecord run = report.run();
        Map<String, Object> page = new HashMap<>();
        page.put("dag", run.dag());
        page.put("run", run.id());
        page.put("state", run.state().name().toLowerCase(Locale.ROOT));
        page.put("headline", headline(report));
        page.put("failure", run.failure());
        page.put("hasFailure", !run.failure().isEmpty());
        page.put("actor", run.actor());
        page.put("begun", Words.time(run.createdAt()));
        page.put("ended", run.endedAt().map(Words::time).orElse("not yet"));
        page.put(
                "took",
                Words.took(Duration.between(run.createdAt(), run.endedAt().orElse(report.asOf()))));
        page.put("plan", run.planSha());
        page.put("asOf", Words.time(report.asOf()));
        page.put("commands", commands(run, program));
        page.put("picture", Svg.view(report));
        page.put("timeline", Timeline.of(report));
        page.put("order", String.join("\n", DagText.order(report.plan().dag())));
        page.put("several", report.plan().dag().members().size() > 1);
        page.put(
                "backfills",
                report.backfills().stream().map(each -> backfill(report, each)).toList());
        return TEMPLATE.execute(page);
    }

    private static String headline(RunReport report) {
        long partitions = report.backfills().stream()
                .mapToLong(each -> each.entries().size())
                .sum();
        String scope = Words.number(partitions) + (partitions == 1 ? " partition" : " partitions");
        return switch (report.run().state()) {
            case RUNNING -> scope + " in work";
            case PAUSING -> scope + " in work, and to be paused";
            case FAILING -> scope + " in work, and failing: nothing more begins";
            case CANCELLING -> scope + " in work, and to be given up";
            case PAUSED -> "paused; what was not published is as it was";
            case FAILED -> "what was not published is as it was";
            case AUDITED -> scope + " passed their audits and are not published yet";
            case PUBLISHED -> scope + keptUntil(report);
            case ROLLED_BACK -> scope + ", published and taken back";
            case CANCELLED -> "given up; what was not published is as it was";
        };
    }

    private static String keptUntil(RunReport report) {
        return report.backfills().stream()
                .flatMap(each -> each.archive().stream())
                .map(Archive::expiresAt)
                .min(Instant::compareTo)
                .map(until -> ", can be taken back until " + Words.time(until))
                .orElse("");
    }

    private record Command(String what, String command) {}

    private static List<Command> commands(RunRecord run, String program) {
        String id = " " + run.id();
        return switch (run.state()) {
            case RUNNING, PAUSING, FAILING, CANCELLING -> List.of(new Command("follow it", program + " status" + id));
            case AUDITED ->
                List.of(
                        new Command("if it waits for a person", program + " approve" + id + " --who .. --why .."),
                        new Command("go on", program + " resume" + id),
                        new Command("give up", program + " cancel" + id));
            case PAUSED ->
                List.of(
                        new Command("go on", program + " resume" + id),
                        new Command("give up", program + " cancel" + id));
            case FAILED ->
                List.of(
                        new Command("what the audits found", program + " explain" + id),
                        new Command("go on", program + " resume" + id),
                        new Command("give up", program + " cancel" + id));
            case PUBLISHED -> List.of(new Command("take it back", program + " rollback" + id));
            case ROLLED_BACK, CANCELLED -> List.of();
        };
    }

    private static Map<String, Object> backfill(RunReport report, OfBackfill each) {
        Backfill backfill = report.plan().dag().backfill(each.name());
        PlannedBackfill planned = report.plan().backfill(each.name());
        Map<String, Object> view = new HashMap<>();
        view.put("name", backfill.name());
        List<Fact> facts = new ArrayList<>(facts(planned, backfill));
        LimitsText.held(backfill)
                .ifPresent(held -> facts.add(new Fact("held", held + ", from the first task to the end")));
        each.watch().ifPresent(watch -> facts.add(new Fact("afterwards", WatchText.of(watch))));
        view.put("facts", facts);
        view.put(
                "checklist",
                planned.checklist().stream()
                        .map(item -> new Fact(
                                item.subject().word() + ": " + ChecklistText.outcome(item), ChecklistText.found(item)))
                        .toList());
        view.put("checked", !planned.checklist().isEmpty());
        List<Cells.Cell> cells = Cells.of(report, each, planned);
        view.put("cells", cells);
        view.put("few", cells.size() <= FEW);
        view.put(
                "legend",
                cells.stream()
                        .collect(Collectors.groupingBy(Cells.Cell::state, LinkedHashMap::new, Collectors.counting()))
                        .entrySet()
                        .stream()
                        .map(counted -> Map.of("state", counted.getKey(), "count", Words.number(counted.getValue())))
                        .toList());
        view.put("parts", Changes.parts(each.entries()));
        view.put("hasParts", !Changes.parts(each.entries()).isEmpty());
        view.put("count", each.entries().size());
        view.put("sum", Changes.sum(each.entries()));
        List<Changes.OfColumn> changed = Changes.byColumn(each.entries());
        view.put("changed", changed);
        view.put("hasChanged", !changed.isEmpty());
        view.put("tallest", Words.number(Changes.most(each.entries())));
        view.put("audits", each.audits().stream().map(HtmlReport::audit).toList());
        view.put("audited", !each.audits().isEmpty());
        view.put("archive", archive(each));
        return view;
    }

    private record Fact(String name, String value) {}

    private static List<Fact> facts(PlannedBackfill planned, Backfill backfill) {
        return List.of(
                new Fact("why", backfill.reason()),
                new Fact("owner", backfill.owner()),
                new Fact("target", PlanText.target(planned)),
                new Fact(
                        "scope",
                        planned.scope().size() + " " + ScopeText.of(backfill.scope(), planned.partitionColumns())),
                new Fact("key", String.join(", ", backfill.merge().key())),
                new Fact("publish", PlanText.publish(backfill.publish())));
    }

    private static Map<String, Object> audit(AuditNote note) {
        boolean warns = note.kind().equals("WARNING") && note.outcome().equals("FAILED");
        Map<String, Object> view = new HashMap<>();
        view.put("name", note.name());
        boolean approved = ApprovalNote.isGiven(note);
        view.put(
                "outcome",
                warns ? "warning" : approved ? "approved" : note.outcome().toLowerCase(Locale.ROOT));
        view.put("isFailed", note.outcome().equals("FAILED"));
        view.put("invariant", note.kind().equals("INVARIANT"));
        view.put("expected", note.expected());
        view.put("observed", note.observed());
        view.put(
                "accepted",
                note.acceptance()
                        .map(acceptance -> (ApprovalNote.isOne(note) ? "approved by " : "accepted by ")
                                + acceptance.who() + " on " + Words.time(acceptance.since()) + ": " + acceptance.why()
                                + " (observed: " + acceptance.observed() + ")")
                        .orElse(""));
        view.put("isAccepted", note.acceptance().isPresent());
        Optional<VerdictNotes.Shown> shown = VerdictNotes.shown(note);
        view.put("hasEvidence", shown.isPresent());
        view.put("partitions", shown.map(VerdictNotes.Shown::partitions).orElse(List.<Verdict.OfPartition>of()));
        Offenders offenders = shown.map(VerdictNotes.Shown::offenders).orElse(Offenders.NONE);
        view.put("columns", offenders.columns());
        view.put(
                "rows",
                offenders.rows().stream().map(row -> Map.of("values", row)).toList());
        view.put("sql", offenders.sql());
        view.put("hasSql", !offenders.sql().isEmpty());
        return view;
    }

    private static List<Fact> archive(OfBackfill each) {
        return each.archive()
                .map(archive -> List.of(
                        new Fact(
                                "archive",
                                archive.table() + ", " + archive.state().name().toLowerCase(Locale.ROOT)),
                        new Fact("rows before", Words.number(archive.rows())),
                        new Fact("rows published", Words.number(archive.rowsPublished())),
                        new Fact("published", Words.time(archive.createdAt())),
                        new Fact("kept until", Words.time(archive.expiresAt()))))
                .orElse(List.of());
    }
}
