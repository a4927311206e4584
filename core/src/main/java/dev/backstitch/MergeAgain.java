package dev.backstitch;

import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.run.Patience;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.InstanceKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a resume after a failed audit merges once more: the source may have been corrected, which nobody can tell the
 * engine. Ledger first, then the state store, which is brought into line with it whenever a run is resumed.
 */
final class MergeAgain {
    private static final Logger LOG = LoggerFactory.getLogger(MergeAgain.class);

    /** Which partitions are merged again that were merged before. */
    enum Which {
        /** Those that failed audits object to. */
        FAILED,
        NONE
    }

    private final BackstitchConfig config;
    private final Which which;

    MergeAgain(BackstitchConfig config, Which which) {
        this.config = config;
        this.which = which;
    }

    /** Whether there is anything of this work to merge again. */
    boolean isAskedFor(WorkOrder order) {
        return !blamed(order).isEmpty();
    }

    /** Makes the partitions that failed audits object to ones that have yet to be merged. */
    void whatFailed(List<WorkOrder> orders) {
        for (WorkOrder order : orders) {
            List<Partition> blamed = blamed(order);
            if (!blamed.isEmpty()) {
                List<Partition> again =
                        Patience.with(() -> config.connector().shadows().reseed(order, blamed, Interrupt.never()));
                if (!again.isEmpty()) {
                    LOG.info(
                            "run={} backfill={} {} partitions are merged again, since an audit of them failed",
                            order.run(),
                            order.backfill(),
                            again.size());
                }
            }
        }
    }

    /** Those that an audit names, or all where it looks at the whole; none where another merge would not help. */
    private List<Partition> blamed(WorkOrder order) {
        if (which == Which.NONE) {
            return List.of();
        }
        List<AuditNote> failed = config.connector().ledger().notes(order).stream()
                .filter(note -> note.outcome().equals(Verdict.Outcome.FAILED.name()))
                .toList();
        if (failed.stream().anyMatch(note -> note.kind().equals(Verdict.Kind.INVARIANT.name()))) {
            return List.of();
        }
        Set<String> partitions = new HashSet<>();
        for (AuditNote note : failed) {
            if (note.kind().equals(Verdict.Kind.BLOCKING.name()) && !isAccepted(note)) {
                Set<String> named = VerdictNotes.shown(note).map(VerdictNotes.Shown::partitions).stream()
                        .flatMap(List::stream)
                        .map(Verdict.OfPartition::partition)
                        .collect(Collectors.toSet());
                if (named.isEmpty()) {
                    return order.scope();
                }
                partitions.addAll(named);
            }
        }
        return order.scope().stream()
                .filter(partition -> partitions.contains(partition.id()))
                .toList();
    }

    private static boolean isAccepted(AuditNote note) {
        return note.acceptance()
                .filter(acceptance -> acceptance.observed().equals(note.observed()))
                .isPresent();
    }

    /** Opens in the state store what the ledger has as not merged: the ledger is right. */
    void bringIntoLine(Plan plan, List<WorkOrder> orders) {
        for (WorkOrder order : orders) {
            Set<String> unmerged = config.connector().ledger().partitions(order, Entry.State.CLAIMED);
            if (!unmerged.isEmpty()) {
                reopen(plan, order, unmerged);
            }
        }
    }

    private void reopen(Plan plan, WorkOrder order, Set<String> unmerged) {
        List<InstanceKey> merges = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        for (Task task : plan.tasks()) {
            if (!task.members().contains(order.backfill())) {
                continue;
            }
            if (task.kind() == TaskKind.MERGE) {
                IntStream.range(0, task.partitions().size())
                        .filter(position -> unmerged.contains(task.partitions().get(position)))
                        .forEach(position -> merges.add(new InstanceKey(order.run(), task.number(), position)));
            } else if (task.kind() == TaskKind.AUDIT || task.kind() == TaskKind.PUBLISH) {
                after.add(task.number());
            }
        }
        config.state().reopen(order.run(), order.epoch(), merges, after);
    }
}
