package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.COLUMN_MISSING;
import static dev.backstitch.error.ErrorCode.TARGET_MISSING;

import com.google.common.math.Quantiles;
import dev.backstitch.error.Problem;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.TableInfo;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which partitions of a repair lack something: found by counting the target's rows and the source's, once, in all of its
 * scope. What could not be counted runs, since a merge too many does no harm.
 */
final class Gaps {
    private static final Duration COUNTED_WITHIN = Duration.ofMinutes(2);

    private final Scope.Missing missing;
    private final Map<String, LiveRows> target;
    private final Map<String, LiveRows> source;
    private final Optional<Double> typical;

    private Gaps(Scope.Missing missing, Map<String, LiveRows> target, Map<String, LiveRows> source) {
        this.missing = missing;
        this.target = target;
        this.source = source;
        List<Long> filled = target.values().stream()
                .map(LiveRows::count)
                .filter(count -> count > 0)
                .toList();
        this.typical = filled.isEmpty()
                ? Optional.empty()
                : Optional.of(Quantiles.median().compute(filled));
    }

    /**
     * Counts.
     *
     * @param columns the partition columns of the target
     * @param partitions the scope, at least one
     * @param problems what keeps from counting is added here
     */
    static Optional<Gaps> find(
            Catalog catalog,
            Backfill backfill,
            TableInfo target,
            List<Column> columns,
            List<Partition> partitions,
            List<Problem> problems) {
        Scope.Missing missing = backfill.scope().repair().orElseThrow();
        String where = backfill.name() + ".scope.missingFrom";
        Optional<TableInfo> source = catalog.table(missing.source());
        if (source.isEmpty()) {
            problems.add(new Problem(
                    TARGET_MISSING,
                    where,
                    "a table or view " + missing.source(),
                    "none of that name, as the database resolves names",
                    "Correct the name."));
            return Optional.empty();
        }
        List<Column> ofSource = new ArrayList<>();
        for (Column column : columns) {
            Optional<Column> same = source.get().columns().stream()
                    .filter(each -> each.name().equalsIgnoreCase(column.name()))
                    .findFirst();
            if (same.isEmpty()) {
                problems.add(new Problem(
                        COLUMN_MISSING,
                        where,
                        "a column " + column.name() + " in " + source.get().name() + ", as the target has",
                        source.get().columns().stream()
                                .map(Column::name)
                                .toList()
                                .toString(),
                        "Name a view that has it."));
            }
            same.ifPresent(ofSource::add);
        }
        return ofSource.size() < columns.size()
                ? Optional.empty()
                : Optional.of(new Gaps(
                        missing,
                        catalog.liveRows(target, columns, partitions, COUNTED_WITHIN),
                        catalog.liveRows(source.get(), ofSource, partitions, COUNTED_WITHIN)));
    }

    /** The target's rows, by partition. */
    Map<String, LiveRows> live() {
        return target;
    }

    /** What was decided for a partition, unless that lacks nothing. */
    PlannedPartition decide(PlannedPartition planned) {
        if (planned.decision() == Decision.SKIP) {
            return planned;
        }
        Optional<Long> here = counted(target, planned.partition());
        Optional<Long> there = counted(source, planned.partition());
        if (here.isEmpty() || there.isEmpty()) {
            return new PlannedPartition(
                    planned.partition(),
                    Decision.RUN,
                    "what it lacks could not be counted in time; " + planned.reason());
        }
        String counts = rows(there.get()) + " in " + missing.source() + ", " + rows(here.get()) + " in the target";
        return lacks(here.get(), there.get())
                ? new PlannedPartition(planned.partition(), Decision.RUN, counts + "; " + planned.reason())
                : new PlannedPartition(planned.partition(), Decision.SKIP, "lacks nothing: " + counts);
    }

    private boolean lacks(long here, long there) {
        if (there == 0) {
            return false;
        }
        return switch (missing.lack()) {
            case EMPTY -> here == 0;
            case COUNTS_DIFFER -> here != there;
            case BELOW_TYPICAL ->
                here == 0
                        || (here < there
                                && typical.filter(median -> BigDecimal.valueOf(here)
                                                        .movePointRight(2)
                                                        .compareTo(missing.typical()
                                                                .value()
                                                                .multiply(BigDecimal.valueOf(median)))
                                                < 0)
                                        .isPresent());
        };
    }

    private static Optional<Long> counted(Map<String, LiveRows> rows, Partition partition) {
        return Optional.ofNullable(rows.get(partition.id()))
                .filter(known -> known.basis() == LiveRows.Basis.COUNTED)
                .map(LiveRows::count);
    }

    private static String rows(long count) {
        return count == 0 ? "no row" : String.format(Locale.ROOT, "%,d rows", count);
    }
}
