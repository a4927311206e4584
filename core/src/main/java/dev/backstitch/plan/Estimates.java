package dev.backstitch.plan;

import dev.backstitch.plan.Rehearsed.Merged;
import dev.backstitch.plan.Rehearsed.OfBackfill;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Estimates of a run from what a rehearsal has measured. Pure.
 *
 * <p>A merge takes at least as long as a rehearsed one with at most as many rows, and at most as long as one with at least as
 * many; beyond the largest and below the smallest it goes by rows. Merges that are spread over lanes take together at least
 * their sum by the number of lanes, and at most that and the longest of them, which is R. L. Graham's bound of list
 * scheduling (Bounds on Multiprocessing Timing Anomalies, 1969). More lanes than were rehearsed may gain nothing. Shadow,
 * audit and publish take from as long as in the rehearsal to as long by rows. Of several backfills the run takes from the
 * longest to all of them, one after the other. Single tasks are not counted.
 */
public final class Estimates {
    private static final double BILLION = 1e9;

    private Estimates() {}

    /** A range in seconds. */
    private record Range(double least, double most) {
        Range plus(Range other) {
            return new Range(least + other.least, most + other.most);
        }
    }

    /**
     * What to expect of a run of this plan.
     *
     * @return nothing when a backfill that runs was not rehearsed with the same logic
     */
    public static Optional<Estimate> of(Plan plan, Rehearsed rehearsed) {
        double least = 0;
        double most = 0;
        long rows = 0;
        Optional<Long> bytes = Optional.of(0L);
        List<Windows> during = new ArrayList<>();
        List<Windows> publish = new ArrayList<>();
        for (PlannedBackfill planned : plan.backfills()) {
            if (planned.rests()) {
                continue;
            }
            Optional<OfBackfill> measured = rehearsed.backfills().stream()
                    .filter(each ->
                            each.name().equals(planned.name()) && each.logic().equals(planned.logic()))
                    .filter(each -> !each.merges().isEmpty())
                    .findFirst();
            if (measured.isEmpty()) {
                return Optional.empty();
            }
            Backfill backfill = plan.dag().backfill(planned.name());
            One one = new One(plan, backfill, planned, measured.get());
            Range range = one.range();
            least = Math.max(least, range.least());
            most += range.most();
            rows += one.shadowRows();
            bytes = bytes.flatMap(sum -> one.bytes().map(more -> sum + more));
            backfill.during().ifPresent(during::add);
            backfill.windowsOfPublish().ifPresent(publish::add);
        }
        Duration shortest = duration(least);
        Duration longest = duration(most);
        return Optional.of(new Estimate(
                rehearsed.at(),
                rehearsed.partitions(),
                shortest,
                longest,
                end(during, publish, plan.plannedAt(), shortest),
                end(during, publish, plan.plannedAt(), longest),
                rows,
                bytes));
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos((long) (seconds * BILLION));
    }

    /** The end of so much work that goes on only while all of these are open, and is published while the others are. */
    static Optional<Instant> end(List<Windows> during, List<Windows> publish, Instant from, Duration work) {
        Instant time = from;
        Duration left = work;
        while (true) {
            Optional<Instant> opens = Windows.allOpenAt(during, time);
            if (opens.isEmpty()) {
                return Optional.empty();
            }
            Instant now = opens.get();
            Optional<Instant> closes =
                    during.stream().flatMap(each -> each.closesAt(now).stream()).min(Instant::compareTo);
            if (closes.isEmpty() || !now.plus(left).isAfter(closes.get())) {
                return Windows.allOpenAt(publish, now.plus(left));
            }
            left = left.minus(Duration.between(now, closes.get()));
            time = closes.get();
        }
    }

    /** One backfill. */
    private static final class One {
        private final Plan plan;
        private final Backfill backfill;
        private final OfBackfill measured;
        private final List<Long> rows;
        private final long shadowRows;

        One(Plan plan, Backfill backfill, PlannedBackfill planned, OfBackfill measured) {
            this.plan = plan;
            this.backfill = backfill;
            this.measured = measured;
            long mean = Math.round(
                    measured.merges().stream().mapToLong(Merged::rows).average().orElse(0));
            this.rows = planned.partitions().stream()
                    .filter(partition -> partition.decision() == PlannedPartition.Decision.RUN)
                    .map(partition -> partition
                            .rows()
                            .map(known -> known.count())
                            .filter(count -> count > 0)
                            .orElse(mean))
                    .toList();
            long scope = rows.stream().mapToLong(Long::longValue).sum();
            this.shadowRows = backfill.shadow().seed() == Shadow.Seed.WHOLE_TARGET
                    ? Math.max(scope, planned.target().estimatedRows())
                    : scope;
        }

        long shadowRows() {
            return shadowRows;
        }

        Optional<Long> bytes() {
            return measured.bytes()
                    .filter(all -> all > 0 && measured.published() > 0)
                    .map(all -> Math.round((double) all / measured.published() * shadowRows));
        }

        Range range() {
            return byRows(measured.shadow())
                    .plus(merges())
                    .plus(byRows(measured.audit()))
                    .plus(byRows(measured.publish()));
        }

        /** What takes its time once, and more with more rows. */
        private Range byRows(Duration took) {
            double seconds = seconds(took);
            double ratio = (double) shadowRows / Math.max(1, measured.published());
            return new Range(seconds * Math.min(1, ratio), seconds * Math.max(1, ratio));
        }

        private Range merges() {
            int declared = backfill.limits().concurrency();
            int lanes = Math.min(
                    declared,
                    plan.dag()
                            .limits()
                            .map(RunLimits::concurrency)
                            .orElse(java.util.OptionalInt.empty())
                            .orElse(declared));
            int rehearsedLanes = Math.min(lanes, measured.merges().size());
            double crowding = (double) lanes / rehearsedLanes;
            double leastSum = 0;
            double leastLongest = 0;
            double mostSum = 0;
            double mostLongest = 0;
            for (long count : rows) {
                Range one = merge(count);
                leastSum += one.least();
                leastLongest = Math.max(leastLongest, one.least());
                mostSum += one.most();
                mostLongest = Math.max(mostLongest, one.most());
            }
            int used = Math.min(lanes, rows.size());
            double bound = mostSum / used + mostLongest * (1 - 1.0 / used);
            return new Range(
                    Math.max(leastSum / used, leastLongest), Math.min(bound * crowding, Math.max(bound, mostSum)));
        }

        private Range merge(long count) {
            double atLeast = measured.merges().stream()
                    .filter(merged -> merged.rows() <= count)
                    .mapToDouble(merged -> seconds(merged.took()))
                    .max()
                    .orElseGet(() -> proportional(count));
            double atMost = measured.merges().stream()
                    .filter(merged -> merged.rows() >= count)
                    .mapToDouble(merged -> seconds(merged.took()))
                    .min()
                    .orElseGet(() -> proportional(count));
            return new Range(Math.min(atLeast, atMost), Math.max(atLeast, atMost));
        }

        /** By the rehearsed merge whose rows are nearest. */
        private double proportional(long count) {
            Merged nearest = measured.merges().stream()
                    .min(java.util.Comparator.comparingLong(merged -> Math.abs(merged.rows() - count)))
                    .orElseThrow();
            return seconds(nearest.took()) * count / Math.max(1, nearest.rows());
        }

        private static double seconds(Duration duration) {
            return duration.toNanos() / BILLION;
        }
    }
}
