package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The declared intent for one target table: what is recomputed, from what, how it is checked and made live. Built by
 * the staged language, and immutable.
 *
 * @param name unique within a dag
 * @param owner who answers for it, such as an e-mail address
 * @param reason why history is recomputed
 * @param reprocess which of the scope's partitions run, by what became of them before
 * @param during when its task instances may begin; nothing for always
 * @param publishDuring when its publish may begin, in place of {@code during}; nothing for whenever others may
 * @param holds what does not run downstream meanwhile; nothing for nobody is held
 * @param watch what is checked after the publish; nothing for nothing is
 * @param probe what is asked before another partition begins; nothing for nobody is
 * @param compute how much of the machine a merge may use; nothing for what the database gives everybody
 */
public record Backfill(
        String name,
        String owner,
        String reason,
        TableName target,
        Scope scope,
        Reprocess reprocess,
        Shadow<?> shadow,
        Merge merge,
        Limits limits,
        List<Audit> audits,
        Publish<?> publish,
        Optional<Windows> during,
        Optional<Windows> publishDuring,
        Optional<Holds> holds,
        Optional<Watch> watch,
        Optional<Probe> probe,
        Optional<Compute> compute)
        implements Member {
    public Backfill {
        requireNonNull(name, "name");
        requireNonNull(owner, "owner");
        requireNonNull(reason, "reason");
        requireNonNull(target, "target");
        requireNonNull(scope, "scope");
        requireNonNull(reprocess, "reprocess");
        requireNonNull(shadow, "shadow");
        requireNonNull(merge, "merge");
        requireNonNull(limits, "limits");
        audits = List.copyOf(audits);
        requireNonNull(publish, "publish");
        requireNonNull(during, "during");
        requireNonNull(publishDuring, "publishDuring");
        requireNonNull(holds, "holds");
        requireNonNull(watch, "watch");
        requireNonNull(probe, "probe");
        requireNonNull(compute, "compute");
    }

    /** A backfill that may run whenever it is ready, and holds nobody. */
    public Backfill(
            String name,
            String owner,
            String reason,
            TableName target,
            Scope scope,
            Reprocess reprocess,
            Shadow<?> shadow,
            Merge merge,
            Limits limits,
            List<Audit> audits,
            Publish<?> publish) {
        this(
                name,
                owner,
                reason,
                target,
                scope,
                reprocess,
                shadow,
                merge,
                limits,
                audits,
                publish,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A backfill of its whole scope, whatever became of it before. */
    public Backfill(
            String name,
            String owner,
            String reason,
            TableName target,
            Scope scope,
            Shadow<?> shadow,
            Merge merge,
            Limits limits,
            List<Audit> audits,
            Publish<?> publish) {
        this(name, owner, reason, target, scope, Reprocess.ALL, shadow, merge, limits, audits, publish);
    }

    /** When its publish may begin; nothing for always. */
    public Optional<Windows> windowsOfPublish() {
        return publishDuring.or(() -> during);
    }

    /** The same, whose task instances begin only then. */
    public Backfill during(Windows windows) {
        return with(Optional.of(windows), publishDuring, holds, watch, probe, compute);
    }

    /** The same, whose publish begins only then, whatever holds for the other tasks. */
    public Backfill publishDuring(Windows windows) {
        return with(during, Optional.of(windows), holds, watch, probe, compute);
    }

    /** The same, which holds these while it runs, and no others. */
    public Backfill holding(Hold first, Hold... rest) {
        return with(
                during,
                publishDuring,
                Optional.of(new Holds(
                        Stream.concat(Stream.of(first), Stream.of(rest)).toList())),
                watch,
                probe,
                compute);
    }

    /** The same, in which no further partition begins while this objects. */
    public Backfill waitWhile(Probe objects) {
        return with(during, publishDuring, holds, watch, Optional.of(objects), compute);
    }

    /** The same, each merge of which may use so much of the machine. */
    public Backfill compute(Compute size) {
        return with(during, publishDuring, holds, watch, probe, Optional.of(size));
    }

    /**
     * The same, whose target is checked after its publish; next: how often, and what.
     *
     * @param lasting how long, such as 24 hours
     */
    public Watch.Begun watch(Duration lasting) {
        return new Watch.Begun(this, lasting);
    }

    /** The same with this watch and no other. */
    Backfill watched(Watch afterwards) {
        return with(during, publishDuring, holds, Optional.of(afterwards), probe, compute);
    }

    private Backfill with(
            Optional<Windows> any,
            Optional<Windows> ofPublish,
            Optional<Holds> held,
            Optional<Watch> afterwards,
            Optional<Probe> asked,
            Optional<Compute> sized) {
        return new Backfill(
                name,
                owner,
                reason,
                target,
                scope,
                reprocess,
                shadow,
                merge,
                limits,
                audits,
                publish,
                any,
                ofPublish,
                held,
                afterwards,
                asked,
                sized);
    }

    @Override
    public <R> R match(Cases<R> cases) {
        return cases.backfill(this);
    }
}
