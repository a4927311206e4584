package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Publish;
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

    record Swapping() implements ArchiveStep<Coverage.WholeTable> {
        @Override
        public Publish<Coverage.WholeTable> keepingArchiveFor(Duration retention) {
            return new Publish.SwapTable(requireNonNull(retention, "retention"));
        }
    }
}
