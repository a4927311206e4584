package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.TableName;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The ways to publish, before it is known how long the archive is kept. */
final class PublishStages {
    private PublishStages() {}

    record Replacing() implements ArchiveStep<Coverage> {
        @Override
        public Publish<Coverage> keepingArchiveFor(Duration retention) {
            return new Publish.ReplacePartitions(requireNonNull(retention, "retention"));
        }
    }

    record Repointing(TableName view, List<TableName> pinned) implements PinStep {
        Repointing {
            requireNonNull(view, "view");
            pinned = List.copyOf(pinned);
        }

        @Override
        public PinStep pinning(TableName first, TableName... more) {
            return new Repointing(
                    view,
                    Stream.of(pinned.stream(), Stream.of(requireNonNull(first, "first")), Stream.of(more))
                            .flatMap(each -> each)
                            .toList());
        }

        @Override
        public Publish<Coverage.WholeTable> keepingArchiveFor(Duration retention) {
            return new Publish.RepointView(view, requireNonNull(retention, "retention")).pinning(pinned);
        }
    }

    record Swapping() implements ArchiveStep<Coverage.WholeTable> {
        @Override
        public Publish<Coverage.WholeTable> keepingArchiveFor(Duration retention) {
            return new Publish.SwapTable(requireNonNull(retention, "retention"));
        }
    }
}
