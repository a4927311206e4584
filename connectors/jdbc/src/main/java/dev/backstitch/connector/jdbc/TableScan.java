package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Evidence.Amount;
import dev.backstitch.spi.Evidence.Figures;
import dev.backstitch.spi.Measure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.QueryPart;
import org.jspecify.annotations.Nullable;

/**
 * One scan of shadow or target that answers all that can be told of its rows one by one: how many there are in each
 * partition and outside the scope, how many fulfil each of some conditions, and figures.
 */
final class TableScan {
    private static final int BEFORE_COUNTS = 4;

    private final MeasureSql sql;
    private final List<? extends Measure> counted;
    private final List<Measure.Figure> figures;
    private final Map<String, Long> rows = new HashMap<>();
    private final Map<Measure, Long> counts = new HashMap<>();
    private final Map<Measure, Map<String, Long>> countsByPartition = new HashMap<>();
    private final Map<Measure.Figure, Amount> whole = new HashMap<>();
    private final Map<Measure.Figure, Map<String, Amount>> each = new HashMap<>();
    private long outside;
    private String outsideHash = "0";

    /**
     * @param counted the measures that {@link MeasureSql#scan} counts rows for
     * @param figures the figures that it computes
     */
    TableScan(MeasureSql sql, List<? extends Measure> counted, List<Measure.Figure> figures) {
        this.sql = sql;
        this.counted = counted;
        this.figures = figures;
    }

    /** Reads what the query gives, which has this scan's measures and figures. */
    TableScan read(Session session, QueryPart query) {
        session.list(query, this::group).forEach(this::add);
        return this;
    }

    /**
     * A group of rows.
     *
     * @param place the number of their partition; null outside the scope, and for the group of all rows
     * @param all whether it is the group of all rows
     */
    private record Group(
            @Nullable Long place, boolean all, long rows, String hash, List<Long> counts, List<Amount> figures) {}

    private Group group(ResultSet row) throws SQLException {
        List<Long> counted = new ArrayList<>();
        for (int i = 0; i < this.counted.size(); i++) {
            counted.add(row.getLong(BEFORE_COUNTS + 1 + i));
        }
        List<Amount> computed = new ArrayList<>();
        for (int i = 0; i < figures.size(); i++) {
            computed.add(new Amount(Optional.ofNullable(row.getString(BEFORE_COUNTS + 1 + this.counted.size() + i))));
        }
        long place = row.getLong(1);
        return new Group(
                row.wasNull() ? null : place, row.getLong(2) == 1, row.getLong(3), row.getString(4), counted, computed);
    }

    private void add(Group group) {
        if (group.all()) {
            for (int i = 0; i < figures.size(); i++) {
                whole.put(figures.get(i), group.figures().get(i));
            }
            return;
        }
        for (int i = 0; i < counted.size(); i++) {
            // What a rule says of rows that the backfill leaves as they are is not for it to judge.
            if (group.place() != null || !(counted.get(i) instanceof Measure.RowsBreaking)) {
                counts.merge(counted.get(i), group.counts().get(i), Long::sum);
            }
        }
        if (group.place() == null) {
            outside = group.rows();
            outsideHash = group.hash();
            return;
        }
        String partition = sql.partition(group.place()).id();
        rows.put(partition, group.rows());
        for (int i = 0; i < counted.size(); i++) {
            countsByPartition
                    .computeIfAbsent(counted.get(i), measure -> new HashMap<>())
                    .put(partition, group.counts().get(i));
        }
        for (int i = 0; i < figures.size(); i++) {
            each.computeIfAbsent(figures.get(i), figure -> new HashMap<>())
                    .put(partition, group.figures().get(i));
        }
    }

    long rows(String partition) {
        return rows.getOrDefault(partition, 0L);
    }

    /** Rows outside the scope. */
    long outside() {
        return outside;
    }

    /** The sum of their hashes. */
    String outsideHash() {
        return outsideHash;
    }

    long count(Measure measure) {
        return counts.getOrDefault(measure, 0L);
    }

    Map<String, Long> countByPartition(Measure measure) {
        return countsByPartition.getOrDefault(measure, Map.of());
    }

    Figures figures(Measure.Figure figure) {
        return new Figures(whole.getOrDefault(figure, Amount.NONE), each.getOrDefault(figure, Map.of()));
    }
}
