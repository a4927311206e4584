package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.ACTIVE_BACKFILL;
import static dev.backstitch.error.ErrorCode.DEPENDENT_AT_RISK;
import static dev.backstitch.error.ErrorCode.INVALID_SCOPE;
import static dev.backstitch.error.ErrorCode.NOTHING_TO_RUN;

import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes plans: the build gate, then the plan gate against the live catalogue. Writes nothing. Thread-safe. */
public final class Planner {
    private static final int EXAMPLES = 5;

    private final Connector connector;
    private final Clock clock;

    public Planner(Connector connector, Clock clock) {
        this.connector = connector;
        this.clock = clock;
    }

    /**
     * Plans a dag.
     *
     * @throws RefusedException with every problem of the first gate that finds one
     */
    public Plan plan(Dag dag) {
        refuseIfAny(dag, BuildGate.check(dag));
        List<Problem> problems = new ArrayList<>();
        List<PlannedBackfill> looked = dag.backfills().stream()
                .map(backfill -> look(backfill, problems))
                .flatMap(Optional::stream)
                .toList();
        problems.addAll(DagGate.check(dag, looked));
        refuseIfAny(dag, problems);
        Plan plan = new Plan(
                Plan.FORMAT,
                dag,
                clock.instant(),
                connector.name(),
                looked,
                Tasks.of(
                        dag,
                        backfill -> planned(looked, backfill).scope().stream()
                                .map(Partition::id)
                                .toList()));
        for (WorkOrder order : WorkOrders.of(plan, "plan", 0, "plan")) {
            problems.addAll(connector.catalog().missingPrivileges(order));
        }
        refuseIfAny(dag, problems);
        return withStatements(plan);
    }

    private static PlannedBackfill planned(List<PlannedBackfill> looked, Backfill backfill) {
        return looked.stream()
                .filter(planned -> planned.name().equals(backfill.name()))
                .findFirst()
                .orElseThrow();
    }

    /** What is planned for one backfill, as yet without its SQL; nothing when its problems leave nothing to plan. */
    private Optional<PlannedBackfill> look(Backfill backfill, List<Problem> problems) {
        Optional<TargetGate.Found> found = TargetGate.find(connector, backfill, problems);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        TableInfo target = found.get().table();
        CatalogGate gate = new CatalogGate(connector.catalog(), backfill, target);
        List<PlannedPartition> partitions = decide(backfill, found.get());
        List<Partition> scope = partitions.stream()
                .filter(planned -> planned.decision() == Decision.RUN)
                .map(PlannedPartition::partition)
                .toList();
        List<Problem> own = new ArrayList<>();
        activeBackfill(backfill, found.get()).ifPresent(own::add);
        List<String> inVain = ScopeResolver.excludedInVain(backfill.scope(), clock);
        if (!inVain.isEmpty()) {
            own.add(excludedInVain(backfill, inVain));
        }
        if (scope.isEmpty()) {
            own.add(nothingToRun(backfill, partitions));
        }
        own.addAll(gate.columnProblems());
        List<Dependent> dependents = dependents(found.get());
        dependents.stream()
                .filter(dependent -> fate(backfill.publish(), dependent) == Dependent.Fate.REFUSED)
                .map(dependent -> atRisk(backfill, target, dependent))
                .forEach(own::add);
        if (own.isEmpty()) {
            own.addAll(gate.sourceProblems(scope.get(0)));
            own.addAll(AuditCatalogGate.check(
                    connector.catalog(), backfill, target, scope.get(0), gate.partitionColumns()));
        }
        problems.addAll(own);
        if (!own.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PlannedBackfill(
                backfill.name(),
                target,
                gate.partitionColumns(),
                partitions,
                dependents,
                List.of(),
                List.of(),
                logic(backfill),
                found.get().view()));
    }

    private List<Dependent> dependents(TargetGate.Found found) {
        return found.view()
                .map(view -> ((RepointsViews) connector).dependents(view))
                .orElseGet(() -> connector.catalog().dependents(found.table().name()));
    }

    private Plan withStatements(Plan plan) {
        List<PlannedBackfill> rendered = new ArrayList<>();
        for (WorkOrder order : WorkOrders.of(plan, "plan", 0, "plan")) {
            PlannedBackfill planned = plan.backfill(order.backfill());
            rendered.add(new PlannedBackfill(
                    planned.name(),
                    planned.target(),
                    planned.partitionColumns(),
                    planned.partitions(),
                    planned.dependents(),
                    connector.catalog().mergeStatements(order, planned.scope().get(0)),
                    connector.catalog().publishStatements(order),
                    planned.logic(),
                    planned.view()));
        }
        return new Plan(plan.format(), plan.dag(), plan.plannedAt(), plan.connector(), rendered, plan.tasks());
    }

    private List<PlannedPartition> decide(Backfill backfill, TargetGate.Found target) {
        Map<String, Entry> published = connector.ledger().watermarks(target.live()).stream()
                .collect(Collectors.toMap(Entry::partition, Function.identity(), (first, second) -> second));
        String logic = logic(backfill);
        return ScopeResolver.resolve(backfill.scope(), clock).stream()
                .map(partition ->
                        decide(backfill, partition, Optional.ofNullable(published.get(partition.id())), logic))
                .toList();
    }

    private PlannedPartition decide(Backfill backfill, Partition partition, Optional<Entry> published, String logic) {
        boolean ended = ScopeResolver.hasEnded(partition, clock);
        String end = ended
                ? ""
                : ScopeResolver.end(partition, clock.getZone())
                        .map(Instant::toString)
                        .orElse("");
        if (!ended && !backfill.scope().includesUnended()) {
            return new PlannedPartition(partition, Decision.SKIP, "not ended until " + end);
        }
        String history = published
                .map(entry -> "published before by run " + entry.run()
                        + (entry.logic().equals(logic) ? " with the same logic" : " with other logic"))
                .orElse("not published by Backstitch before");
        return new PlannedPartition(
                partition, Decision.RUN, ended ? history : "not ended until " + end + ", asked for all the same");
    }

    /** Of the table, too: behind a view its rows have another head. */
    private Optional<Problem> activeBackfill(Backfill backfill, TargetGate.Found target) {
        return Stream.of(target.live(), target.table().name())
                .distinct()
                .flatMap(name -> connector.ledger().head(name).stream())
                .filter(head -> head.state().isActive())
                .findFirst()
                .map(head -> new Problem(
                        ACTIVE_BACKFILL,
                        backfill.name() + ".target " + target.live(),
                        "no other backfill in flight",
                        describe(head),
                        "Resume or cancel that run first."));
    }

    private static String describe(Head head) {
        return "run " + head.run() + " of " + head.actor() + ", " + head.state() + " since " + head.since();
    }

    private static Problem excludedInVain(Backfill backfill, List<String> ids) {
        return new Problem(
                INVALID_SCOPE,
                backfill.name() + ".scope",
                "that except(..) names partitions of the scope",
                ids.size() + " that it does not have, such as "
                        + ids.stream().limit(EXAMPLES).collect(Collectors.joining(", ")),
                "Correct them: whoever excludes a partition should know that it would be there.");
    }

    private static Problem nothingToRun(Backfill backfill, List<PlannedPartition> partitions) {
        return new Problem(
                NOTHING_TO_RUN,
                backfill.name() + ".scope",
                "at least one partition that has ended",
                partitions.isEmpty()
                        ? "an empty scope"
                        : "only "
                                + partitions.stream()
                                        .map(PlannedPartition::reason)
                                        .findFirst()
                                        .orElse("skips"),
                "Choose earlier partitions.");
    }

    private static Dependent.Fate fate(Publish<?> publish, Dependent dependent) {
        return publish.overwritesWholeTable() ? dependent.swap() : dependent.replace();
    }

    private static Problem atRisk(Backfill backfill, TableInfo target, Dependent dependent) {
        return new Problem(
                DEPENDENT_AT_RISK,
                backfill.name() + ".publish",
                "nothing on " + target.name() + " that the publish could lose or break",
                dependent.kind() + " " + dependent.name() + ": " + dependent.why(),
                backfill.publish().overwritesWholeTable()
                        ? "Use replacePartitions(), which keeps the table, or remove it for the time of the backfill."
                        : "Remove it for the time of the backfill.");
    }

    private static String logic(Backfill backfill) {
        return PlanFormat.sha256(PlanFormat.tree(backfill.merge()).toString()
                + PlanFormat.tree(backfill.shadow().added()));
    }

    private static void refuseIfAny(Dag dag, List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new RefusedException("dag " + dag.name(), problems);
        }
    }
}
