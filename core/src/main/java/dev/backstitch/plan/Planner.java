package dev.backstitch.plan;

import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.ResolvedTable;
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

    /** Plans a dag of whose checklist nothing is waived. */
    public Plan plan(Dag dag) {
        return plan(dag, List.of());
    }

    /**
     * Plans a dag.
     *
     * @param waivers who accepts which items of the checklist unmet
     * @throws RefusedException with every problem of the first gate that finds one
     */
    public Plan plan(Dag dag, List<Waiver> waivers) {
        refuseIfAny(dag, BuildGate.check(dag));
        List<Problem> problems = new ArrayList<>();
        List<Problem> nothingLeft = new ArrayList<>();
        List<PlannedBackfill> looked = dag.backfills().stream()
                .map(backfill -> new PlanBackfill(connector, clock, backfill, problems, nothingLeft).plan())
                .flatMap(Optional::stream)
                .toList();
        if (nothingLeft.size() == dag.backfills().size()) {
            problems.addAll(nothingLeft);
        }
        problems.addAll(DagGate.check(dag, looked, clock.instant()));
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
                                .toList(),
                        looked.stream()
                                .filter(PlannedBackfill::rests)
                                .map(PlannedBackfill::name)
                                .collect(Collectors.toSet())));
        for (WorkOrder order : WorkOrders.of(plan, "plan", 0, "plan")) {
            problems.addAll(connector.catalog().missingPrivileges(order));
        }
        refuseIfAny(dag, problems);
        Plan complete = complete(plan, waivers);
        refuseIfAny(dag, Waivers.inVain(complete, waivers));
        return complete;
    }

    private static PlannedBackfill planned(List<PlannedBackfill> looked, Backfill backfill) {
        return looked.stream()
                .filter(planned -> planned.name().equals(backfill.name()))
                .findFirst()
                .orElseThrow();
    }

    private Plan complete(Plan plan, List<Waiver> waivers) {
        Map<String, WorkOrder> orders = WorkOrders.of(plan, "plan", 0, "plan").stream()
                .collect(Collectors.toMap(WorkOrder::backfill, Function.identity()));
        List<PlannedBackfill> rendered = plan.backfills().stream()
                .map(planned -> Optional.ofNullable(orders.get(planned.name()))
                        .map(order -> rendered(plan, planned, order, waivers))
                        .orElse(planned))
                .toList();
        return new Plan(plan.format(), plan.dag(), plan.plannedAt(), plan.connector(), rendered, plan.tasks());
    }

    private PlannedBackfill rendered(Plan plan, PlannedBackfill planned, WorkOrder order, List<Waiver> waivers) {
        return new PlannedBackfill(
                planned.name(),
                planned.target(),
                planned.partitionColumns(),
                planned.partitions(),
                planned.dependents(),
                connector.catalog().mergeStatements(order, planned.scope().get(0)),
                connector.catalog().publishStatements(order),
                planned.reads(),
                planned.logic(),
                Checklist.of(
                        plan.dag().backfill(planned.name()),
                        planned,
                        clock,
                        connector.catalog().space(planned.target().name()),
                        taken(plan.dag().backfill(planned.name()), planned),
                        waivers),
                planned.view(),
                planned.spelt(),
                planned.pinned());
    }

    private Optional<ResolvedTable> taken(Backfill backfill, PlannedBackfill planned) {
        return WorkOrders.named(backfill, planned)
                .filter(name -> connector
                        .catalog()
                        .table(new TableName(name.parts().toList()))
                        .isPresent());
    }

    private static void refuseIfAny(Dag dag, List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new RefusedException("dag " + dag.name(), problems);
        }
    }
}
