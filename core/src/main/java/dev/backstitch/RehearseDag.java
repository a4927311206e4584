package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunListener;
import dev.backstitch.plan.Estimate;
import dev.backstitch.plan.Estimates;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.plan.Rehearsed;
import dev.backstitch.plan.RehearsedPlan;
import dev.backstitch.plan.RehearsedPlan.Place;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Rehearses;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Sandbox;
import dev.backstitch.spi.Sandboxes;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One rehearsal: copies of the targets in a sandbox, the plan's work over them by an engine of its own with a state store of
 * its own, and what that has taken. Of production it reads. A process that dies leaves the sandbox, which expires.
 */
final class RehearseDag {
    private static final String WHAT_IT_IS_FOR = "rehearsal";

    private final BackstitchConfig config;
    private final Plan plan;
    private final Rehearse how;
    private final Sandboxes sandboxes;

    /** @throws BackstitchException with {@code UNSUPPORTED} when the connector has no sandboxes */
    RehearseDag(BackstitchConfig config, Plan plan, Rehearse how) {
        this.config = config;
        this.plan = plan;
        this.how = how;
        this.sandboxes = sandboxes(config.connector())
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNSUPPORTED,
                        "dag " + plan.dag().name()
                                + " can't be rehearsed: expected a connector that makes sandboxes, found "
                                + config.connector().name() + ". Nothing was written."));
    }

    /** Where a connector rehearses, if it does. */
    static Optional<Sandboxes> sandboxes(Connector connector) {
        return connector instanceof Rehearses rehearses ? Optional.of(rehearses.sandboxes()) : Optional.empty();
    }

    /** Drops those whose time is over. */
    static List<Sandbox> dropExpired(Sandboxes sandboxes) {
        return sandboxes.sandboxes().stream()
                .filter(Sandbox::isExpired)
                .filter(sandboxes::drop)
                .toList();
    }

    Rehearsal run(RunListener listener) {
        dropExpired(sandboxes);
        Map<String, List<Partition>> chosen = new HashMap<>();
        plan.backfills().stream()
                .filter(planned -> !planned.rests())
                .forEach(planned -> chosen.put(planned.name(), RehearsedPlan.choose(planned, how.partitions())));
        List<WorkOrder> orders = WorkOrders.of(plan, WHAT_IT_IS_FOR, 0, config.actor()).stream()
                .map(order -> order.only(Objects.requireNonNull(chosen.get(order.backfill()))))
                .toList();
        Map<String, String> before = fingerprints(orders);
        Sandbox sandbox = sandboxes.open(plan.dag().name(), config.actor(), how.lifetime());
        try {
            Rehearsal rehearsal = in(sandbox, chosen, orders, before, listener);
            if (!rehearsal.isKept()) {
                sandboxes.drop(sandbox);
            }
            rehearsal
                    .measured()
                    .ifPresent(found ->
                            config.state().keepRehearsal(plan.dag().name(), found.at(), PlanFormat.write(found)));
            return rehearsal;
        } catch (RuntimeException e) {
            try {
                sandboxes.drop(sandbox);
            } catch (RuntimeException left) {
                // It expires.
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private Rehearsal in(
            Sandbox sandbox,
            Map<String, List<Partition>> chosen,
            List<WorkOrder> orders,
            Map<String, String> before,
            RunListener listener) {
        Connector inside = sandboxes.within(sandbox);
        RehearsalMeasures measured = new RehearsalMeasures();
        try (Backstitch engine =
                Backstitch.open(inside(inside).listener(measured::on).listener(listener))) {
            Map<String, Long> copied = new HashMap<>();
            Plan rehearsed = RehearsedPlan.of(plan, chosen, places(sandbox, inside, orders, copied));
            requireInside(sandbox, rehearsed);
            RunResult result = engine.register(rehearsed.dag()).start(rehearsed).await();
            Optional<Rehearsed> figures = result.state() == RunState.PUBLISHED
                    ? Optional.of(figures(inside, rehearsed, result.run(), copied, measured))
                    : Optional.empty();
            return new Rehearsal(
                    result,
                    sandbox,
                    figures.isEmpty() || how.after() == Rehearse.After.KEEP,
                    figures,
                    figures.flatMap(found -> Estimates.of(plan, found)),
                    changed(before, fingerprints(orders)),
                    leftOut(chosen.keySet()));
        }
    }

    /** What the last rehearsal lets a plan expect. */
    static Optional<Estimate> estimate(BackstitchConfig config, Plan plan) {
        return config.state()
                .rehearsal(plan.dag().name())
                .flatMap(PlanFormat::readRehearsed)
                .flatMap(rehearsed -> Estimates.of(plan, rehearsed));
    }

    private BackstitchConfig inside(Connector inside) {
        BackstitchConfig own = BackstitchConfig.of(inside, StateStores.inMemory())
                .lanes(config.lanes())
                .lease(config.lease())
                .sweep(config.sweep())
                .clock(config.clock())
                .actor(config.actor());
        return config.threads().isPresent() ? own.threads(config.threads().getAsInt()) : own;
    }

    private Map<String, String> fingerprints(List<WorkOrder> orders) {
        Map<String, String> found = new LinkedHashMap<>();
        orders.forEach(
                order -> found.put(order.target().name().toString(), sandboxes.fingerprint(order, Interrupt.never())));
        return found;
    }

    private static List<String> changed(Map<String, String> before, Map<String, String> after) {
        return before.keySet().stream()
                .filter(target -> !Objects.equals(before.get(target), after.get(target)))
                .toList();
    }

    private Map<String, Place> places(
            Sandbox sandbox, Connector inside, List<WorkOrder> orders, Map<String, Long> copied) {
        Map<String, Place> places = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (WorkOrder order : orders) {
            ResolvedTable copy = sandbox.table(free(order.target().name().table(), names));
            Optional<ResolvedTable> view = order.repoint()
                    .map(repoint -> sandbox.table(free(repoint.view().name().table(), names)));
            copied.put(
                    order.backfill(),
                    sandboxes.copy(
                            order,
                            copy,
                            how.partitions().isPresent() ? Sandboxes.Rows.OF_SCOPE : Sandboxes.Rows.ALL,
                            view,
                            Interrupt.never()));
            TableInfo table = inside.catalog().table(name(copy)).orElseThrow();
            places.put(
                    order.backfill(),
                    new Place(table, view.flatMap(found -> ((RepointsViews) inside).view(name(found)))));
        }
        return places;
    }

    /** The target's own name, or another one where two targets of different schemas have the same. */
    private static String free(String wanted, Set<String> names) {
        return Stream.iterate(1, i -> i + 1)
                .map(i -> i == 1 ? wanted : "bf_" + i + "_" + wanted)
                .filter(names::add)
                .findFirst()
                .orElseThrow();
    }

    private static TableName name(ResolvedTable table) {
        return new TableName(table.parts().toList());
    }

    /** Everything that is written has its name from an order. */
    private void requireInside(Sandbox sandbox, Plan rehearsed) {
        WorkOrders.of(rehearsed, WHAT_IT_IS_FOR, 0, config.actor()).stream()
                .flatMap(order -> Stream.of(
                        order.target().name(), order.live(), order.published(), order.shadow(), order.archive()))
                .filter(table -> !table.schema().equals(sandbox.schema()))
                .findFirst()
                .ifPresent(outside -> {
                    throw new IllegalStateException(
                            "a rehearsal in " + sandbox.schema() + " would have written to " + outside);
                });
    }

    private List<String> leftOut(Set<String> rehearsed) {
        return plan.dag().members().stream()
                .map(Member::name)
                .filter(member -> !rehearsed.contains(member))
                .filter(member -> plan.backfills().stream()
                        .noneMatch(planned -> planned.name().equals(member)))
                .toList();
    }

    private Rehearsed figures(
            Connector inside, Plan rehearsed, String run, Map<String, Long> copied, RehearsalMeasures measured) {
        List<Rehearsed.OfBackfill> figures = new ArrayList<>();
        for (WorkOrder order : WorkOrders.of(rehearsed, run, 1, config.actor())) {
            PlannedBackfill planned = rehearsed.backfill(order.backfill());
            long before = copied.getOrDefault(order.backfill(), 0L);
            figures.add(measured.of(
                    rehearsed,
                    planned,
                    before,
                    inside.ledger().archive(order).orElseThrow().rowsPublished(),
                    inside.catalog().space(order.published()).table()));
        }
        return new Rehearsed(plan.dag().name(), config.clock().instant(), figures);
    }
}
