package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.TableName;
import java.time.Duration;

/** The ways to publish, before it is known how long the archive is kept. */
final class PublishStages {
    private PublishStages() {}

    record Replacing() implements ArchiveStep<Coverage> {
        @Override
        public Publish<Coverage> keepingArchiveFor(Duration retention) {
            return new Publish.ReplacePartitions(requireNonNull(retention, "retention"));
        }
    }

    record Repointing(TableName view) implements ArchiveStep<Coverage.WholeTable> {
        Repointing {
            requireNonNull(view, "view");
        }

        @Override
        public Publish<Coverage.WholeTable> keepingArchiveFor(Duration retention) {
            return new Publish.RepointView(view, requireNonNull(retention, "retention"));
        }
    }

    record Swapping() implements ArchiveStep<Coverage.WholeTable> {
        @Override
        public Publish<Coverage.WholeTable> keepingArchiveFor(Duration retention) {
            return new Publish.SwapTable(requireNonNull(retention, "retention"));
        }
    }
}
