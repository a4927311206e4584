package dev.backstitch;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.Patience;
import dev.backstitch.run.Takeover;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.NewInstance;
import dev.backstitch.state.NewRun;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rebuilds runs that the state store doesn't know from what the ledger keeps of them: their frozen plans, how far their
 * targets are, and their archives. What was merged needs no rebuilding, since whoever resumes asks the ledger for it.
 */
final class RecoverRuns {
    private final BackstitchConfig config;
    private final Takeover takeover;
    private final Ledger ledger;

    RecoverRuns(BackstitchConfig config, Takeover takeover) {
        this.config = config;
        this.takeover = takeover;
        this.ledger = config.connector().ledger();
    }

    /** What became of a run, by the ledger. */
    private record Found(long epoch, RunState state, String why) {}

    List<RunRecord> run() {
        List<RunRecord> recovered = new ArrayList<>();
        for (KeptRun kept : ledger.kept()) {
            if (config.state().run(kept.run()).isEmpty()) {
                Plan plan = PlanFormat.read(kept.plan());
                List<WorkOrder> orders = WorkOrders.of(plan, kept.run(), 1, kept.actor());
                find(orders).ifPresent(found -> recovered.add(restore(kept, plan, orders, found)));
            }
        }
        return List.copyOf(recovered);
    }

    /** How far one target is, by the ledger. */
    private record Target(Optional<Head> head, Optional<Archive.State> archive, long partitions, long merged) {
        boolean isActive() {
            return head.filter(found -> found.state().isActive()).isPresent();
        }

        boolean isPublished() {
            return archive.filter(state -> state != Archive.State.RESTORED).isPresent();
        }
    }

    private Target look(WorkOrder order) {
        List<Entry> entries = ledger.entries(order);
        return new Target(
                ledger.head(order.live()).filter(head -> head.run().equals(order.run())),
                ledger.archive(order).map(Archive::state),
                entries.size(),
                entries.stream()
                        .filter(entry -> entry.state() != Entry.State.CLAIMED)
                        .count());
    }

    /** Nothing for a run that had not begun: its targets know nothing of it. */
    private Optional<Found> find(List<WorkOrder> orders) {
        List<Target> targets = orders.stream().map(this::look).toList();
        long epoch = targets.stream()
                .flatMap(target -> target.head().stream())
                .mapToLong(Head::epoch)
                .max()
                .orElse(1);
        if (targets.stream().allMatch(Target::isPublished)) {
            return Optional.of(new Found(epoch, RunState.PUBLISHED, ""));
        }
        if (targets.stream().anyMatch(Target::isActive)) {
            return Optional.of(new Found(epoch, RunState.FAILED, unfinished(orders, targets)));
        }
        if (targets.stream().allMatch(target -> target.archive().isPresent())
                && targets.stream().anyMatch(Target::isPublished)) {
            // A rollback was refused on the way: it can be gone on with.
            return Optional.of(new Found(epoch, RunState.PUBLISHED, ""));
        }
        if (targets.stream().noneMatch(Target::isPublished)
                && targets.stream().anyMatch(target -> target.archive().isPresent())) {
            return Optional.of(new Found(epoch, RunState.ROLLED_BACK, ""));
        }
        return targets.stream().allMatch(target -> target.partitions() == 0)
                ? Optional.empty()
                : Optional.of(new Found(epoch, RunState.CANCELLED, ""));
    }

    private static String unfinished(List<WorkOrder> orders, List<Target> targets) {
        return "recovered from the ledger, which has "
                + targets.stream().mapToLong(Target::merged).sum() + " of "
                + orders.stream().mapToInt(order -> order.scope().size()).sum()
                + " partitions as merged; resume goes on with what is left";
    }

    private RunRecord restore(KeptRun kept, Plan plan, List<WorkOrder> orders, Found found) {
        boolean done = found.state() == RunState.PUBLISHED || found.state() == RunState.ROLLED_BACK;
        if (found.state() == RunState.PUBLISHED) {
            // The state store may have been lost before that was done.
            orders.stream()
                    .map(order -> order.at(found.epoch()))
                    .forEach(order -> Patience.with(() -> {
                        config.connector().shadows().clear(order);
                        return true;
                    }));
        }
        Set<String> published = orders.stream()
                .filter(order -> look(order).isPublished())
                .map(WorkOrder::backfill)
                .collect(Collectors.toSet());
        List<NewInstance> instances = NewRuns.instances(plan).stream()
                .map(each -> done
                                || published.containsAll(
                                        plan.tasks().get(each.task()).members())
                        ? new NewInstance(each.task(), each.position(), each.partition(), InstanceState.SUCCEEDED)
                        : each)
                .toList();
        config.state()
                .restore(
                        new NewRun(
                                kept.run(),
                                kept.dag(),
                                kept.actor(),
                                kept.plan(),
                                PlanFormat.sha256(kept.plan()),
                                takeover.self(),
                                Duration.ZERO,
                                kept.createdAt()),
                        found.epoch(),
                        found.state(),
                        found.why(),
                        instances);
        return config.state().run(kept.run()).orElseThrow();
    }
}
