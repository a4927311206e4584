package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The declared intent for one target table: what is recomputed, from what, how it is checked and made live. Built by
 * the staged language, and immutable.
 *
 * @param name unique within a dag
 * @param owner who answers for it, such as an e-mail address
 * @param reason why history is recomputed
 * @param reprocess which of the scope's partitions run, by what became of them before
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
        Publish<?> publish)
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

    @Override
    public <R> R match(Cases<R> cases) {
        return cases.backfill(this);
    }
}
