package dev.backstitch.audit;

import dev.backstitch.audit.Verdict.OfPartition;
import dev.backstitch.audit.Verdict.Outcome;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Grain;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Measure.Side;
import dev.backstitch.spi.Offenders;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Those of the declared audits that need not wait for the other partitions: they block, and look at each partition by
 * itself. The audit of the whole shadow judges them once more. Pure and thread-safe.
 */
public final class PartitionAuditor {
    private final List<Audit> audits;
    private final Judge judge;

    /** @param audits the declared audits, all of them */
    public PartitionAuditor(List<Audit> audits) {
        this.audits = audits.stream()
                .filter(audit -> audit.severity() == Severity.BLOCKING && looksAtEach(audit))
                .toList();
        this.judge = new Judge(this.audits);
    }

    /** Whether this audit looks at each partition by itself. */
    public static boolean looksAtEach(Audit audit) {
        return (audit instanceof Audit.Rows rows && rows.grain() == Grain.EACH_PARTITION)
                || (audit instanceof Audit.Measured measured && measured.grain() == Grain.EACH_PARTITION);
    }

    /** Whether there is none to judge. */
    public boolean isIdle() {
        return audits.isEmpty();
    }

    /** What has to be measured of the partition, each once. */
    public Set<Measure> measures() {
        Set<Measure> measures = new LinkedHashSet<>(judge.measures());
        if (audits.stream().anyMatch(PartitionAuditor::comparesWithLive)) {
            measures.add(new Measure.Figure(Side.LIVE, Metric.rowCount()));
        }
        return measures;
    }

    /** Whether it is the live rows that it expects something like. */
    public static boolean comparesWithLive(Audit audit) {
        return audit instanceof Audit.Measured measured && measured.expected() instanceof Expectation.LikeLive;
    }

    /** The verdicts of those that failed. */
    public List<Verdict> failed(Evidence evidence, Entry entry) {
        return judge.judge(evidence, List.of(entry)).stream()
                .filter(verdict -> verdict.outcome() == Outcome.FAILED)
                .toList();
    }

    /** Whether a person has accepted just what this verdict observed of its partition. */
    public static boolean isAccepted(Optional<AuditNote> note, Verdict verdict) {
        return note.filter(noted -> noted.acceptance()
                        .filter(acceptance -> acceptance.observed().equals(noted.observed()))
                        .isPresent())
                .map(PartitionAuditor::partitions)
                .orElse(List.of())
                .containsAll(verdict.partitions());
    }

    /**
     * The note of an audit that has failed in one partition, beside those in which it had failed before: in the words of
     * the audit of the whole, so that what is accepted of the one holds for the other.
     *
     * @param before what is noted of it
     * @param verdict its verdict on this partition alone
     * @param scope all partitions, in order
     */
    public static AuditNote noted(
            Optional<AuditNote> before, Verdict verdict, Offenders offenders, List<Partition> scope) {
        Map<String, OfPartition> failed = Stream.concat(
                        before
                                .filter(note -> note.outcome().equals(Outcome.FAILED.name()))
                                .map(PartitionAuditor::partitions)
                                .orElse(List.of())
                                .stream(),
                        verdict.partitions().stream())
                .collect(Collectors.toMap(OfPartition::partition, Function.identity(), (old, now) -> now));
        List<OfPartition> inOrder = scope.stream()
                .map(Partition::id)
                .filter(failed::containsKey)
                .map(failed::get)
                .toList();
        return VerdictNotes.of(
                new Verdict(
                        verdict.name(),
                        verdict.kind(),
                        verdict.outcome(),
                        verdict.expected(),
                        Judge.partitions(inOrder, scope.size()),
                        inOrder,
                        verdict.offending()),
                offenders);
    }

    private static List<OfPartition> partitions(AuditNote note) {
        return VerdictNotes.shown(note).map(VerdictNotes.Shown::partitions).orElse(List.of());
    }
}
