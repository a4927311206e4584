package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.ACTIVE_BACKFILL;
import static dev.backstitch.error.ErrorCode.DEPENDENT_AT_RISK;
import static dev.backstitch.error.ErrorCode.NOTHING_TO_RUN;
import static dev.backstitch.error.ErrorCode.TARGET_MISSING;
import static dev.backstitch.error.ErrorCode.TARGET_NOT_A_TABLE;

import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes plans: the build gate, then the plan gate against the live catalogue. Writes nothing. Thread-safe. */
public final class Planner {
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
        Backfill backfill = dag.backfill();
        TableInfo target = target(dag);
        CatalogGate gate = new CatalogGate(connector.catalog(), backfill, target);
        List<PlannedPartition> partitions = decide(backfill, target);
        List<Partition> scope = partitions.stream()
                .filter(planned -> planned.decision() == Decision.RUN)
                .map(PlannedPartition::partition)
                .toList();
        List<Problem> problems = new ArrayList<>();
        activeBackfill(backfill, target).ifPresent(problems::add);
        if (scope.isEmpty()) {
            problems.add(nothingToRun(backfill, partitions));
        }
        problems.addAll(gate.columnProblems());
        List<Dependent> dependents = connector.catalog().dependents(target.name());
        dependents.stream()
                .filter(dependent -> fate(backfill.publish(), dependent) == Dependent.Fate.REFUSED)
                .map(dependent -> atRisk(backfill, target, dependent))
                .forEach(problems::add);
        refuseIfAny(dag, problems);
        Column partitionColumn = gate.partitionColumn();
        gate.sourceProblems(scope.get(0)).forEach(problems::add);
        Plan plan = new Plan(
                Plan.FORMAT,
                dag,
                clock.instant(),
                connector.name(),
                target,
                partitionColumn,
                partitions,
                dependents,
                Tasks.of(backfill, scope),
                List.of(),
                List.of(),
                logic(backfill));
        WorkOrder order = WorkOrders.of(plan, "plan", 0, backfill.owner());
        problems.addAll(connector.catalog().missingPrivileges(order));
        refuseIfAny(dag, problems);
        return withStatements(plan, order);
    }

    private Plan withStatements(Plan plan, WorkOrder order) {
        return new Plan(
                plan.format(),
                plan.dag(),
                plan.plannedAt(),
                plan.connector(),
                plan.target(),
                plan.partitionColumn(),
                plan.partitions(),
                plan.dependents(),
                plan.tasks(),
                connector.catalog().mergeStatements(order, plan.scope().get(0)),
                connector.catalog().publishStatements(order),
                plan.logic());
    }

    private TableInfo target(Dag dag) {
        Backfill backfill = dag.backfill();
        String where = backfill.name() + ".target";
        Optional<TableInfo> found = connector.catalog().table(backfill.target());
        if (found.isEmpty()) {
            throw new RefusedException(
                    dag.name(),
                    List.of(
                            new Problem(
                                    TARGET_MISSING,
                                    where,
                                    "a table " + backfill.target() + " in " + connector.name(),
                                    "none of that name, as the database resolves names",
                                    "Create it, or correct the name; a name with a dot in a part is written table(\"a\", \"b.c\").")));
        }
        TableInfo target = found.get();
        if (target.kind() != TableInfo.Kind.TABLE) {
            throw new RefusedException(
                    dag.name(),
                    List.of(new Problem(
                            TARGET_NOT_A_TABLE,
                            where,
                            "an ordinary table",
                            target.name() + ", which is not one",
                            "Name the table behind it.")));
        }
        return target;
    }

    private List<PlannedPartition> decide(Backfill backfill, TableInfo target) {
        Map<String, Entry> published = connector.ledger().watermarks(target.name()).stream()
                .collect(Collectors.toMap(Entry::partition, Function.identity(), (first, second) -> second));
        String logic = logic(backfill);
        return ScopeResolver.resolve(backfill.scope(), clock).stream()
                .map(partition -> decide(partition, Optional.ofNullable(published.get(partition.id())), logic))
                .toList();
    }

    private PlannedPartition decide(Partition partition, Optional<Entry> published, String logic) {
        if (!ScopeResolver.hasEnded(partition, clock)) {
            return new PlannedPartition(
                    partition, Decision.SKIP, "not ended until " + ScopeResolver.end(partition, clock.getZone()));
        }
        String history = published
                .map(entry -> "published before by run " + entry.run()
                        + (entry.logic().equals(logic) ? " with the same logic" : " with other logic"))
                .orElse("not published by Backstitch before");
        return new PlannedPartition(partition, Decision.RUN, history);
    }

    private Optional<Problem> activeBackfill(Backfill backfill, TableInfo target) {
        return connector
                .ledger()
                .head(target.name())
                .filter(head -> head.state().isActive())
                .map(head -> new Problem(
                        ACTIVE_BACKFILL,
                        backfill.name() + ".target " + target.name(),
                        "no other backfill in flight",
                        describe(head),
                        "Resume or cancel that run first."));
    }

    private static String describe(Head head) {
        return "run " + head.run() + " of " + head.actor() + ", " + head.state() + " since " + head.since();
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
                "Choose days before today.");
    }

    private static Dependent.Fate fate(Publish<?> publish, Dependent dependent) {
        return publish instanceof Publish.SwapTable ? dependent.swap() : dependent.replace();
    }

    private static Problem atRisk(Backfill backfill, TableInfo target, Dependent dependent) {
        return new Problem(
                DEPENDENT_AT_RISK,
                backfill.name() + ".publish",
                "nothing on " + target.name() + " that the publish could lose or break",
                dependent.kind() + " " + dependent.name() + ": " + dependent.why(),
                backfill.publish() instanceof Publish.SwapTable
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
