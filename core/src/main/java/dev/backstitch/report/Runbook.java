package dev.backstitch.report;

import com.samskivert.mustache.Template;
import dev.backstitch.plan.CheckItem;
import dev.backstitch.plan.Durations;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Holds;
import dev.backstitch.spec.Publish;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What somebody needs who carries a backfill out, written from its plan alone: what and why, the checklist, whom to tell, and
 * the commands for every turn that it may take. Pure.
 */
public final class Runbook {
    private static final Template PAGE = Templates.named("runbook.html");

    private final String title;
    private final String subtitle;
    private final List<Section> sections;

    /** A part: sentences, then facts, then commands, each of which may be missing. */
    private record Section(String title, List<String> sentences, List<Fact> facts, List<Command> commands) {}

    /** A line of a table. */
    private record Fact(String what, String is) {}

    /** What somebody may want, and how it is said. */
    private record Command(String to, String line) {}

    private Runbook(String title, String subtitle, List<Section> sections) {
        this.title = title;
        this.subtitle = subtitle;
        this.sections = sections;
    }

    /**
     * The runbook of a plan.
     *
     * @param program how the command line is called, such as {@code java -jar dags.jar}
     */
    public static Runbook of(Plan plan, String program) {
        List<Section> sections = new ArrayList<>();
        plan.backfills().stream().filter(planned -> !planned.rests()).forEach(planned -> {
            sections.add(what(plan, planned));
            sections.add(ten(plan, planned));
            sections.add(checklist(planned));
        });
        sections.add(people(plan));
        sections.add(carryOut(plan, program));
        sections.add(trouble(program));
        sections.add(afterwards(plan, program));
        return new Runbook(
                "Runbook of dag " + plan.dag().name(),
                "planned " + Words.time(plan.plannedAt()) + ", sha256 " + plan.sha256() + "; nothing was written",
                sections);
    }

    private static Section what(Plan plan, PlannedBackfill planned) {
        Backfill backfill = plan.dag().backfill(planned.name());
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("why", backfill.reason()));
        facts.add(new Fact("owner", backfill.owner()));
        facts.add(new Fact("target", PlanText.target(planned)));
        facts.add(new Fact(
                "scope", planned.scope().size() + " " + ScopeText.of(backfill.scope(), planned.partitionColumns())));
        PlanText.partitions(planned).forEach(line -> facts.add(new Fact("", line)));
        facts.add(new Fact(
                "merge",
                "keyed by " + String.join(", ", backfill.merge().key()) + ", " + LimitsText.of(backfill.limits())));
        LimitsText.further(backfill).forEach(line -> facts.add(new Fact("", line)));
        facts.add(new Fact(
                "success means", backfill.audits().stream().map(Audit::name).collect(Collectors.joining("; "))));
        facts.add(new Fact("publish", PlanText.publish(backfill.publish())));
        return new Section("Backfill " + planned.name(), List.of(), facts, List.of());
    }

    private static Section ten(Plan plan, PlannedBackfill planned) {
        return new Section(
                "The ten of every backfill, in " + planned.name(),
                List.of("What is open is allowed, and for a person to have seen."),
                plan.safety(planned.name()).stream()
                        .map(item -> new Fact(
                                item.outcome().name().toLowerCase(Locale.ROOT) + ": "
                                        + item.ask().words(),
                                item.how()))
                        .toList(),
                List.of());
    }

    private static Section checklist(PlannedBackfill planned) {
        long refused = planned.checklist().stream()
                .filter(item -> item.outcome() == CheckItem.Outcome.REFUSED)
                .count();
        return new Section(
                "Checklist of " + planned.name(),
                List.of(
                        refused == 0
                                ? "Nothing on it keeps the run from beginning."
                                : refused + " of it keep the run from beginning until they are met or waived."),
                planned.checklist().stream()
                        .map(item -> new Fact(
                                ChecklistText.outcome(item) + ": "
                                        + item.subject().word(),
                                ChecklistText.found(item)))
                        .toList(),
                List.of());
    }

    private static Section people(Plan plan) {
        List<Fact> facts = new ArrayList<>();
        for (Backfill backfill : backfills(plan)) {
            PlannedBackfill planned = plan.backfill(backfill.name());
            facts.add(new Fact("owner of " + backfill.name(), backfill.owner()));
            facts.add(new Fact(
                    "text for readers of " + planned.target().name(),
                    planned.target().name() + " is recomputed in "
                            + planned.scope().size() + " partitions, from "
                            + planned.scope().get(0) + " to "
                            + planned.scope().get(planned.scope().size() - 1) + ": " + backfill.reason()
                            + ". It stays readable and as it is until all of it is audited, and changes in one moment."
                            + " Questions to " + backfill.owner() + "."));
        }
        String holds = backfills(plan).stream()
                .flatMap(backfill -> backfill.holds().map(Holds::all).orElse(List.of()).stream())
                .map(Hold::name)
                .distinct()
                .collect(Collectors.joining("; "));
        return new Section(
                "Whom to tell",
                List.of("Whoever reads these tables sees the publish at once"
                        + (holds.isEmpty()
                                ? "; nobody is held back."
                                : ". Held from the first task to the end: " + holds + ".")),
                facts,
                List.of());
    }

    private static Section carryOut(Plan plan, String program) {
        String dag = " " + plan.dag().name();
        List<Command> commands = new ArrayList<>();
        commands.add(new Command(
                "try it out over copies of a few partitions; plan estimates by it from then on",
                program + " rehearse" + dag));
        commands.add(new Command("look at what it will do, once more", program + " plan" + dag));
        commands.add(new Command("carry it out; the same command goes on after a crash", program + " run" + dag));
        commands.add(new Command("see how far it is, from anywhere", program + " status"));
        if (backfills(plan).stream().anyMatch(backfill -> backfill.publish().approval() == Publish.Approval.NEEDED)) {
            commands.add(new Command(
                    "approve the publish when it is audited, then carry on",
                    program + " approve RUN --who .. --why .. && " + program + " resume RUN"));
        }
        return new Section(
                "Carry it out",
                List.of("RUN is the id that it prints first."),
                plan.estimate().map(EstimateText::lines).orElse(List.of()).stream()
                        .map(line -> new Fact("expected", line))
                        .toList(),
                commands);
    }

    private static Section trouble(String program) {
        return new Section(
                "If something is wrong",
                List.of("Until the publish the target is untouched, whatever happens."),
                List.of(),
                List.of(
                        new Command("it presses too hard: let what runs finish", program + " pause RUN"),
                        new Command("go on", program + " resume RUN"),
                        new Command("an audit has failed: see what it objects to", program + " explain RUN"),
                        new Command(
                                "the source was wrong and is corrected: merge again what failed",
                                program + " resume RUN"),
                        new Command(
                                "the cause lay elsewhere and is removed: audit once more", program + " reaudit RUN"),
                        new Command(
                                "what the audit found is right",
                                program + " accept RUN AUDIT --who .. --why .. && " + program + " resume RUN"),
                        new Command("give it up", program + " cancel RUN"),
                        new Command("the state store is lost", program + " recover")));
    }

    private static Section afterwards(Plan plan, String program) {
        List<Fact> facts = backfills(plan).stream()
                .map(backfill -> new Fact(
                        "what " + plan.backfill(backfill.name()).target().name() + " held before",
                        "is kept for " + Durations.words(backfill.publish().retention())
                                + " after the publish; until then it can be taken back"))
                .toList();
        List<Command> commands = new ArrayList<>();
        if (backfills(plan).stream().anyMatch(backfill -> backfill.watch().isPresent())) {
            commands.add(new Command("see what is watched, and what was found", program + " watch"));
            commands.add(new Command(
                    "look once, where nothing of ours stays open; ends with 8 at a breach", program + " watch --once"));
        }
        if (backfills(plan).stream()
                .anyMatch(backfill -> backfill.publish() instanceof Publish.RepointView repoint
                        && repoint.pinned().isPresent())) {
            commands.add(new Command("move readers of the pinned views on", program + " unpin RUN"));
        }
        commands.add(new Command("take the publish back", program + " rollback RUN"));
        commands.add(new Command(
                "take it back, and give up exactly so many rows that were written since",
                program + " rollback RUN --accept-loss N"));
        commands.add(new Command(
                "take a single partition back, and leave the others", program + " restore RUN --partition .."));
        commands.add(new Command("see what is kept, and until when", program + " archives"));
        commands.add(new Command("write the run as a page", program + " report RUN"));
        backfills(plan)
                .forEach(backfill -> commands.add(new Command(
                        "see up to where it is published",
                        program + " watermark "
                                + plan.backfill(backfill.name()).target().name())));
        return new Section("Afterwards", List.of(), facts, commands);
    }

    private static List<Backfill> backfills(Plan plan) {
        return plan.dag().backfills().stream()
                .filter(backfill -> !plan.backfill(backfill.name()).rests())
                .toList();
    }

    /** As Markdown, in which nothing that anybody wrote into a name or a reason is more than text. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("# " + plain(title));
        lines.add("");
        lines.add(plain(subtitle));
        for (Section section : sections) {
            lines.add("");
            lines.add("## " + plain(section.title()));
            section.sentences().forEach(sentence -> lines.add(plain(sentence)));
            if (!section.facts().isEmpty()) {
                lines.addAll(List.of("", "| | |", "|---|---|"));
                section.facts().forEach(fact -> lines.add("| " + plain(fact.what()) + " | " + plain(fact.is()) + " |"));
            }
            section.commands()
                    .forEach(command -> lines.addAll(
                            List.of("", "- " + plain(command.to()), "", "      " + oneLine(command.line()))));
        }
        lines.add("");
        return String.join("\n", lines);
    }

    /** As one HTML page that stands alone. */
    public String html() {
        return PAGE.execute(Map.of(
                "title",
                title,
                "subtitle",
                subtitle,
                "sections",
                sections.stream()
                        .map(section -> Map.of(
                                "title",
                                section.title(),
                                "sentences",
                                section.sentences(),
                                "facts",
                                section.facts().stream()
                                        .map(fact -> Map.of("what", fact.what(), "is", fact.is()))
                                        .toList(),
                                "hasFacts",
                                !section.facts().isEmpty(),
                                "commands",
                                section.commands().stream()
                                        .map(command -> Map.of("to", command.to(), "line", oneLine(command.line())))
                                        .toList()))
                        .toList()));
    }

    private static String oneLine(String text) {
        return Words.visible(text).replaceAll("\\s*\\R\\s*|\\t", " ");
    }

    private static String plain(String text) {
        return oneLine(text).replaceAll("[\\\\`*_{}\\[\\]<>#|~]", "\\\\$0");
    }
}
