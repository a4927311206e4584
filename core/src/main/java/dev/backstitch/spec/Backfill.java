package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

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
        Optional<Windows> publishDuring)
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
    }

    /** A backfill that may run whenever it is ready. */
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
        return timed(Optional.of(windows), publishDuring);
    }

    /** The same, whose publish begins only then, whatever holds for the other tasks. */
    public Backfill publishDuring(Windows windows) {
        return timed(during, Optional.of(windows));
    }

    private Backfill timed(Optional<Windows> any, Optional<Windows> ofPublish) {
        return new Backfill(
                name, owner, reason, target, scope, reprocess, shadow, merge, limits, audits, publish, any, ofPublish);
    }

    @Override
    public <R> R match(Cases<R> cases) {
        return cases.backfill(this);
    }
}
