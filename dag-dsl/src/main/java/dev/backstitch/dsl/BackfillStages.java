package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Holds;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Windows;
import dev.backstitch.spec.Write;
import java.util.List;
import java.util.Optional;

/** What is known of a backfill after each of its steps. */
final class BackfillStages {
    private BackfillStages() {}

    record Named(String name) implements OwnerStep {
        Named {
            requireNonNull(name, "name");
        }

        @Override
        public ReasonStep owner(String owner) {
            return new Owned(name, owner);
        }
    }

    record Owned(String name, String owner) implements ReasonStep {
        Owned {
            requireNonNull(owner, "owner");
        }

        @Override
        public TargetStep because(String reason) {
            return new Reasoned(name, owner, reason);
        }
    }

    record Reasoned(String name, String owner, String reason) implements TargetStep {
        Reasoned {
            requireNonNull(reason, "reason");
        }

        @Override
        public ScopeStep target(TableName target) {
            return new Targeted(name, owner, reason, target);
        }
    }

    record Targeted(String name, String owner, String reason, TableName target) implements ScopeStep {
        Targeted {
            requireNonNull(target, "target");
        }

        @Override
        public ShadowStep scope(Scope scope) {
            return new Scoped(name, owner, reason, target, scope);
        }
    }

    record Scoped(String name, String owner, String reason, TableName target, Scope scope) implements ShadowStep {
        Scoped {
            requireNonNull(scope, "scope");
        }

        @Override
        public <C extends Coverage> MergeStep<C> shadow(Shadow<C> shadow) {
            return new Shadowed<>(this, shadow);
        }
    }

    record Shadowed<C extends Coverage>(Scoped scoped, Shadow<C> shadow) implements MergeStep<C> {
        Shadowed {
            requireNonNull(shadow, "shadow");
        }

        @Override
        public KeyStep<C> merge(String sql) {
            return new Sourced<>(this, sql);
        }
    }

    record Sourced<C extends Coverage>(Shadowed<C> shadowed, String sql) implements KeyStep<C> {
        Sourced {
            requireNonNull(sql, "sql");
        }

        @Override
        public SettingsStep<C> keyedBy(String first, String... rest) {
            return new Keyed<>(
                    this,
                    atLeastOne(first, rest),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Written.ANYTHING,
                    Optional.empty(),
                    Optional.empty(),
                    Timed.WHENEVER);
        }
    }

    /** What was said of when and with how much it may run, and what may not meanwhile. */
    record Timed(
            Optional<Windows> during,
            Optional<Windows> publishDuring,
            Optional<Holds> holds,
            Optional<Probe> probe,
            Optional<Compute> compute) {
        static final Timed WHENEVER =
                new Timed(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** What was said of what a merge may write. */
    record Written(
            Optional<Write.Rows> rows,
            Optional<List<String>> updating,
            Optional<List<String>> comparing,
            Optional<Stamping> stamping) {
        static final Written ANYTHING =
                new Written(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        Write write() {
            return new Write(rows.orElse(Write.Rows.ALL), updating.orElse(List.of()), comparing.orElse(List.of()));
        }
    }

    record Keyed<C extends Coverage>(
            Sourced<C> sourced,
            List<String> key,
            Optional<Merge.Dedupe> dedupe,
            Optional<Merge.AtMost> deletingMissing,
            Optional<Merge.Emptiness> empty,
            Written written,
            Optional<Reprocess> reprocess,
            Optional<Limits> limits,
            Timed timed)
            implements SettingsStep<C> {
        @Override
        public SettingsStep<C> dedupe(Merge.Dedupe rule) {
            return new Keyed<>(
                    sourced,
                    key,
                    once("dedupe", dedupe, rule),
                    deletingMissing,
                    empty,
                    written,
                    reprocess,
                    limits,
                    timed);
        }

        @Override
        public SettingsStep<C> deletingMissing(Merge.AtMost bound) {
            Optional<Merge.AtMost> bounded = once("deletingMissing", deletingMissing, bound);
            return new Keyed<>(sourced, key, dedupe, bounded, empty, written, reprocess, limits, timed);
        }

        @Override
        public SettingsStep<C> updating(String first, String... rest) {
            Optional<List<String>> columns = once("updating", written.updating(), atLeastOne(first, rest));
            return with(new Written(written.rows(), columns, written.comparing(), written.stamping()));
        }

        @Override
        public SettingsStep<C> comparing(String first, String... rest) {
            Optional<List<String>> columns = once("comparing", written.comparing(), atLeastOne(first, rest));
            return with(new Written(written.rows(), written.updating(), columns, written.stamping()));
        }

        @Override
        public SettingsStep<C> updateOnly() {
            return with(rows("updateOnly", Write.Rows.UPDATE_ONLY));
        }

        @Override
        public SettingsStep<C> insertOnlyMissing() {
            return with(rows("insertOnlyMissing", Write.Rows.INSERT_ONLY_MISSING));
        }

        private Written rows(String setting, Write.Rows rows) {
            return new Written(
                    once(setting, written.rows(), rows), written.updating(), written.comparing(), written.stamping());
        }

        @Override
        public SettingsStep<C> stamping(Stamp first, Stamp... rest) {
            Optional<Stamping> stamps = once("stamping", written.stamping(), new Stamping(atLeastOne(first, rest)));
            return with(new Written(written.rows(), written.updating(), written.comparing(), stamps));
        }

        private SettingsStep<C> with(Written other) {
            return new Keyed<>(sourced, key, dedupe, deletingMissing, empty, other, reprocess, limits, timed);
        }

        @Override
        public SettingsStep<C> allowingEmpty() {
            Optional<Merge.Emptiness> allowed = once("allowingEmpty", empty, Merge.Emptiness.ALLOWED);
            return new Keyed<>(sourced, key, dedupe, deletingMissing, allowed, written, reprocess, limits, timed);
        }

        @Override
        public SettingsStep<C> reprocess(Reprocess policy) {
            Optional<Reprocess> chosen = once("reprocess", reprocess, policy);
            return new Keyed<>(sourced, key, dedupe, deletingMissing, empty, written, chosen, limits, timed);
        }

        @Override
        public SettingsStep<C> limits(Limits bounds) {
            return new Keyed<>(
                    sourced,
                    key,
                    dedupe,
                    deletingMissing,
                    empty,
                    written,
                    reprocess,
                    once("limits", limits, bounds),
                    timed);
        }

        @Override
        public SettingsStep<C> during(Windows windows) {
            return with(new Timed(
                    once("during", timed.during(), windows),
                    timed.publishDuring(),
                    timed.holds(),
                    timed.probe(),
                    timed.compute()));
        }

        @Override
        public SettingsStep<C> publishDuring(Windows windows) {
            return with(new Timed(
                    timed.during(),
                    once("publishDuring", timed.publishDuring(), windows),
                    timed.holds(),
                    timed.probe(),
                    timed.compute()));
        }

        @Override
        public SettingsStep<C> holding(Hold first, Hold... rest) {
            return with(new Timed(
                    timed.during(),
                    timed.publishDuring(),
                    once("holding", timed.holds(), new Holds(atLeastOne(first, rest))),
                    timed.probe(),
                    timed.compute()));
        }

        @Override
        public SettingsStep<C> waitWhile(Probe objects) {
            return with(new Timed(
                    timed.during(),
                    timed.publishDuring(),
                    timed.holds(),
                    once("waitWhile", timed.probe(), objects),
                    timed.compute()));
        }

        @Override
        public SettingsStep<C> compute(Compute size) {
            return with(new Timed(
                    timed.during(),
                    timed.publishDuring(),
                    timed.holds(),
                    timed.probe(),
                    once("compute", timed.compute(), size)));
        }

        private SettingsStep<C> with(Timed other) {
            return new Keyed<>(sourced, key, dedupe, deletingMissing, empty, written, reprocess, limits, other);
        }

        @Override
        public PublishStep<C> audit(Audit first, Audit... rest) {
            return new Audited<>(this, atLeastOne(first, rest));
        }

        Merge merge() {
            return new Merge(
                    sourced.sql(),
                    key,
                    dedupe,
                    deletingMissing,
                    empty.orElse(Merge.Emptiness.REFUSED),
                    written.write(),
                    written.stamping());
        }

        private <T> Optional<T> once(String setting, Optional<T> before, T now) {
            requireNonNull(now, setting);
            before.ifPresent(earlier -> {
                String backfill = sourced.shadowed().scoped().name();
                throw new RefusedException(
                        "backfill " + backfill,
                        List.of(new Problem(
                                ErrorCode.CONFLICTING_SETTINGS,
                                backfill + "." + setting,
                                "this setting at most once",
                                earlier + " and then " + now,
                                "Keep one of them.")));
            });
            return Optional.of(now);
        }
    }

    record Audited<C extends Coverage>(Keyed<C> keyed, List<Audit> audits) implements PublishStep<C> {
        @Override
        public Backfill publish(Publish<? super C> publish) {
            Shadowed<C> shadowed = keyed.sourced().shadowed();
            Scoped scoped = shadowed.scoped();
            return new Backfill(
                    scoped.name(),
                    scoped.owner(),
                    scoped.reason(),
                    scoped.target(),
                    scoped.scope(),
                    keyed.reprocess().orElse(Reprocess.ALL),
                    shadowed.shadow(),
                    keyed.merge(),
                    keyed.limits().orElse(Limits.DEFAULT),
                    audits,
                    publish,
                    keyed.timed().during(),
                    keyed.timed().publishDuring(),
                    keyed.timed().holds(),
                    Optional.empty(),
                    keyed.timed().probe(),
                    keyed.timed().compute());
        }
    }
}
