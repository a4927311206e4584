package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a rehearsal of a dag has measured.
 *
 * @param dag its name
 * @param at when it ended, by the engine's clock
 * @param backfills one each that had something to run
 */
public record Rehearsed(String dag, Instant at, List<OfBackfill> backfills) {
    public Rehearsed {
        requireNonNull(dag, "dag");
        requireNonNull(at, "at");
        backfills = List.copyOf(backfills);
    }

    /** How many partitions were merged. */
    public int partitions() {
        return backfills.stream().mapToInt(each -> each.merges().size()).sum();
    }

    /**
     * What was measured of one backfill.
     *
     * @param name its name
     * @param logic the fingerprint of what its merges compute
     * @param copied the rows of the sandbox's copy of the target, before the merges
     * @param published the rows that it had after the publish
     * @param bytes what it took then, with its indexes; nothing where the database does not tell
     * @param shadow how long it took to make and seed the shadow
     * @param merges of each partition, in order
     * @param audit how long it took to measure and judge the shadow
     * @param publish how long the publish took
     */
    public record OfBackfill(
            String name,
            String logic,
            long copied,
            long published,
            Optional<Long> bytes,
            Duration shadow,
            List<Merged> merges,
            Duration audit,
            Duration publish) {
        public OfBackfill {
            requireNonNull(name, "name");
            requireNonNull(logic, "logic");
            requireNonNull(bytes, "bytes");
            requireNonNull(shadow, "shadow");
            merges = List.copyOf(merges);
            requireNonNull(audit, "audit");
            requireNonNull(publish, "publish");
        }
    }

    /**
     * The merge of one partition.
     *
     * @param partition its id
     * @param took the time of the whole instance
     * @param staged the rows that the source brought
     * @param rows the partition's rows afterwards
     */
    public record Merged(String partition, Duration took, long staged, long rows) {
        public Merged {
            requireNonNull(partition, "partition");
            requireNonNull(took, "took");
        }
    }
}
