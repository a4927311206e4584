package dev.backstitch.run;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.backstitch.audit.PartitionAuditor;
import dev.backstitch.audit.Verdict;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish.LateWrites;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.WorkOrder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Audits of a partition right after its merge, so that a wrong source is found with the first partition and not after the
 * last. What is merged stays in the shadow for a look, and the partition's task fails.
 */
final class PartitionAudits {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionAudits.class);
    private static final int RUNS = 100;

    private final Connector connector;

    /** What was accepted when the first audit of a run failed under an epoch: notes of later failures replace it. */
    private final Cache<List<Object>, List<AuditNote>> acceptedBefore =
            CacheBuilder.newBuilder().maximumSize(RUNS).build();

    PartitionAudits(Connector connector) {
        this.connector = connector;
    }

    /** @throws dev.backstitch.error.BackstitchException with {@code AUDIT_FAILED} */
    void require(WorkOrder order, Partition partition, MergeCounts rows, List<Audit> audits, Interrupt interrupt) {
        PartitionAuditor auditor = new PartitionAuditor(
                audits.stream().filter(audit -> !mayLiveBeAhead(order, audit)).toList());
        if (auditor.isIdle()) {
            return;
        }
        Evidence evidence = connector.measures().measurePartition(order, partition, auditor.measures(), interrupt);
        Entry entry = new Entry(
                order.run(), partition.id(), Entry.State.MERGED, order.epoch(), order.logic(), rows, Instant.EPOCH);
        List<Verdict> failed = notAccepted(order, auditor.failed(evidence, entry));
        if (failed.isEmpty()) {
            return;
        }
        if (mayStillLoseRows(order, rows)) {
            LOG.info(
                    "run={} backfill={} partition={} is judged with the whole, since it holds rows that the source did not"
                            + " bring and another partition's merge may take: {}",
                    order.run(),
                    order.backfill(),
                    partition.id(),
                    failed);
            return;
        }
        failed.forEach(verdict -> note(order, partition, verdict, interrupt));
        throw Objections.failed(
                "partition " + partition.id() + " of " + order.shadow(),
                order,
                failed.stream().map(PartitionAudits::inItself).toList());
    }

    /** Live may hold writes that are brought into the shadow later, in the snapshot of the audit of the whole. */
    private static boolean mayLiveBeAhead(WorkOrder order, Audit audit) {
        return order.publish().lateWrites() == LateWrites.CATCH_UP && PartitionAuditor.comparesWithLive(audit);
    }

    /** Without counting the one partition of one. */
    private static Verdict inItself(Verdict verdict) {
        Verdict.OfPartition only = verdict.partitions().get(0);
        return new Verdict(verdict.name(), verdict.kind(), verdict.outcome(), only.expected(), only.observed());
    }

    /**
     * A row that moves stays where it was until the merge of the partition that it comes to. Only what holds just the rows
     * of its own source is final, since no other source may bring one of their keys.
     */
    private static boolean mayStillLoseRows(WorkOrder order, MergeCounts rows) {
        return !order.merge().write().equals(Write.EVERYTHING) || rows.rowsAfter() != rows.staged() - rows.deduped();
    }

    private List<Verdict> notAccepted(WorkOrder order, List<Verdict> failed) {
        if (failed.isEmpty()) {
            return failed;
        }
        List<AuditNote> before = acceptedBefore(order);
        List<AuditNote> now = connector.ledger().notes(order);
        return failed.stream()
                .filter(verdict -> Stream.of(before, now)
                        .noneMatch(notes -> PartitionAuditor.isAccepted(named(notes, verdict), verdict)))
                .toList();
    }

    private List<AuditNote> acceptedBefore(WorkOrder order) {
        List<Object> key = List.of(order.run(), order.epoch(), order.backfill());
        synchronized (acceptedBefore) {
            List<AuditNote> known = acceptedBefore.getIfPresent(key);
            if (known == null) {
                known = connector.ledger().notes(order);
                acceptedBefore.put(key, known);
            }
            return known;
        }
    }

    private static Optional<AuditNote> named(List<AuditNote> notes, Verdict verdict) {
        return notes.stream().filter(each -> each.name().equals(verdict.name())).findFirst();
    }

    private void note(WorkOrder order, Partition partition, Verdict verdict, Interrupt interrupt) {
        Offenders offenders = Objections.offenders(connector.measures(), order.only(partition), verdict, interrupt);
        Patience.with(() -> {
            connector
                    .ledger()
                    .note(
                            order,
                            verdict.name(),
                            before -> PartitionAuditor.noted(before, verdict, offenders, order.scope()));
            return true;
        });
    }
}
