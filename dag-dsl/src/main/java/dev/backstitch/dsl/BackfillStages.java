package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.TableName;
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
                    Optional.empty());
        }
    }

    record Keyed<C extends Coverage>(
            Sourced<C> sourced,
            List<String> key,
            Optional<Merge.Dedupe> dedupe,
            Optional<Merge.AtMost> deletingMissing,
            Optional<Merge.Emptiness> empty,
            Optional<Limits> limits)
            implements SettingsStep<C> {
        @Override
        public SettingsStep<C> dedupe(Merge.Dedupe rule) {
            return new Keyed<>(sourced, key, once("dedupe", dedupe, rule), deletingMissing, empty, limits);
        }

        @Override
        public SettingsStep<C> deletingMissing(Merge.AtMost bound) {
            return new Keyed<>(sourced, key, dedupe, once("deletingMissing", deletingMissing, bound), empty, limits);
        }

        @Override
        public SettingsStep<C> allowingEmpty() {
            Optional<Merge.Emptiness> allowed = once("allowingEmpty", empty, Merge.Emptiness.ALLOWED);
            return new Keyed<>(sourced, key, dedupe, deletingMissing, allowed, limits);
        }

        @Override
        public SettingsStep<C> limits(Limits bounds) {
            return new Keyed<>(sourced, key, dedupe, deletingMissing, empty, once("limits", limits, bounds));
        }

        @Override
        public PublishStep<C> audit(Audit first, Audit... rest) {
            return new Audited<>(this, atLeastOne(first, rest));
        }

        Merge merge() {
            return new Merge(sourced.sql(), key, dedupe, deletingMissing, empty.orElse(Merge.Emptiness.REFUSED));
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
                    shadowed.shadow(),
                    keyed.merge(),
                    keyed.limits().orElse(Limits.DEFAULT),
                    audits,
                    publish);
        }
    }
}
