package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.ResolvedTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What of a table runs have published, by the ledger beside it. A rollback withdraws it: what an earlier run had published of
 * the same partitions then counts again, as its rows are live again.
 *
 * @param table the table, or the view where a view is repointed
 * @param published its published partitions, each by the run that published it last, in the order of their ids
 * @param ranges how far it is published along each column by which partitions have an order; none where they have none, such
 *     as partitions by value or by several columns
 */
public record Watermark(ResolvedTable table, List<Published> published, List<Along> ranges) {
    public Watermark {
        requireNonNull(table, "table");
        published = List.copyOf(published);
        ranges = List.copyOf(ranges);
    }

    /**
     * A published partition.
     *
     * @param partition its id
     * @param run the run that published it last
     * @param since when, by the database's clock
     * @param logic the fingerprint of what its merge computed
     * @param slice its rows; nothing where the ledger doesn't keep the run's plan
     */
    public record Published(String partition, String run, Instant since, String logic, Optional<Slice> slice) {
        public Published {
            requireNonNull(partition, "partition");
            requireNonNull(run, "run");
            requireNonNull(since, "since");
            requireNonNull(logic, "logic");
            requireNonNull(slice, "slice");
        }

        static Published of(Entry entry, Optional<Slice> slice) {
            return new Published(entry.partition(), entry.run(), entry.since(), entry.logic(), slice);
        }
    }

    /**
     * How far a table is published along one column.
     *
     * @param prefix from its first published partition to the end of those that follow without a gap: what is after its end
     *     is not known to be published
     * @param holes what lies between published partitions and isn't, in order
     * @param span from the first published partition to the end of the last one, holes included
     */
    public record Along(Slice.Range prefix, List<Slice.Range> holes, Slice.Range span) {
        public Along {
            requireNonNull(prefix, "prefix");
            holes = List.copyOf(holes);
            requireNonNull(span, "span");
        }

        /** The column. */
        public String column() {
            return prefix.column();
        }
    }
}
