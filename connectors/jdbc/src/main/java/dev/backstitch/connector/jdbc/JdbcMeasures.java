package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.QueryPart;
import org.jspecify.annotations.Nullable;

/** Measures, each in one snapshot that also seals. Thread-safe. */
final class JdbcMeasures implements Measures {
    private static final Set<Head.State> ACTIVE = EnumSet.of(Head.State.BUILDING, Head.State.AUDITED);

    private final Database database;
    private final Seals seals;
    private final Heads heads;

    JdbcMeasures(Database database, LedgerTables ledger, Seals seals) {
        this.database = database;
        this.seals = seals;
        this.heads = new Heads(ledger);
    }

    @Override
    public Evidence measure(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        String what = "measurement of the shadow of " + order.target().name() + " (run " + order.run() + ")";
        database.writeEach(
                what, order, interrupt, seals.beforeMeasure(order), session -> heads.require(session, order, ACTIVE));
        return database.write(what, order, interrupt, session -> {
            heads.require(session, order, ACTIVE);
            Evidence evidence = evidence(session, order, Set.copyOf(measures));
            String seal = seals.seal(session, order);
            // What was audited before is not what is sealed now: the audits have to pass again.
            heads.step(session, order, ACTIVE, Head.State.BUILDING, Map.of(LedgerTables.SEAL, seal));
            return evidence;
        });
    }

    /**
     * Rows by partition, and by measure.
     *
     * @param outside rows outside the scope
     * @param outsideHash the sum of their hashes
     */
    private record Scan(Map<String, Long> rows, long outside, String outsideHash, List<Long> counts) {}

    private Evidence evidence(Session session, WorkOrder order, Set<Measure> measures) {
        MeasureSql sql = new MeasureSql(database.dialect(), order);
        List<Measure.RowsWithNull> nulls = measures.stream()
                .filter(Measure.RowsWithNull.class::isInstance)
                .map(Measure.RowsWithNull.class::cast)
                .toList();
        Scan shadow = scan(
                session,
                sql.scanShadow(nulls.stream().map(Measure.RowsWithNull::columns).toList()),
                sql,
                nulls.size());
        boolean comparesOutside = measures.contains(new Measure.ChangedOutsideScope())
                && order.seed().seed() == Seed.WHOLE_TARGET;
        Scan target = comparesOutside
                ? scan(session, sql.scanTarget(), sql, 0)
                : new Scan(byPartition(session, sql.scanScopeOfTarget(), sql), 0, "0", List.of());
        Map<String, Long> missing = byPartition(session, sql.missingKeys(), sql);

        Map<Measure, Long> values = new HashMap<>();
        for (int i = 0; i < nulls.size(); i++) {
            values.put(nulls.get(i), shadow.counts().get(i));
        }
        for (Measure measure : measures) {
            if (measure instanceof Measure.DuplicateGroups groups) {
                values.put(measure, session.number(sql.countDuplicateGroups(groups.columns())));
            } else if (measure instanceof Measure.RowsFound found) {
                values.put(measure, database.dialect().reading(session, () -> count(session, sql, found)));
            } else if (measure instanceof Measure.KeysOutsideScope) {
                values.put(measure, session.number(sql.countKeysOutside()));
            } else if (measure instanceof Measure.ChangedOutsideScope) {
                values.put(measure, changedOutside(session, sql, comparesOutside, shadow, target));
            }
        }
        return new Evidence(
                values,
                order.scope().stream()
                        .map(partition -> new PartitionRows(
                                partition.id(),
                                shadow.rows().getOrDefault(partition.id(), 0L),
                                target.rows().getOrDefault(partition.id(), 0L),
                                missing.getOrDefault(partition.id(), 0L)))
                        .toList());
    }

    private static long count(Session session, MeasureSql sql, Measure.RowsFound found) {
        return session.list(sql.countRows(session, found.sql()), row -> row.getLong(1))
                .get(0);
    }

    private static long changedOutside(Session session, MeasureSql sql, boolean compares, Scan shadow, Scan target) {
        if (!compares) {
            return shadow.outside();
        }
        boolean equal =
                shadow.outside() == target.outside() && shadow.outsideHash().equals(target.outsideHash());
        return equal ? 0 : session.number(sql.countOutsideDifferences());
    }

    private static Scan scan(Session session, QueryPart query, MeasureSql sql, int counts) {
        Map<String, Long> rows = new HashMap<>();
        long outside = 0;
        String outsideHash = "0";
        List<Long> totals = new ArrayList<>(Collections.nCopies(counts, 0L));
        for (Group group : session.list(query, row -> group(row, counts))) {
            for (int i = 0; i < counts; i++) {
                totals.set(i, totals.get(i) + group.counts().get(i));
            }
            if (group.place() == null) {
                outside = group.rows();
                outsideHash = group.hash();
            } else {
                rows.merge(sql.partition(group.place()).id(), group.rows(), Long::sum);
            }
        }
        return new Scan(rows, outside, outsideHash, totals);
    }

    private record Group(@Nullable Long place, long rows, String hash, List<Long> counts) {}

    private static Group group(ResultSet row, int counts) throws SQLException {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < counts; i++) {
            values.add(row.getLong(4 + i));
        }
        return new Group(row.getObject(1, Long.class), row.getLong(2), row.getString(3), values);
    }

    private static Map<String, Long> byPartition(Session session, QueryPart query, MeasureSql sql) {
        record Place(long number, long rows) {}
        Map<String, Long> rows = new HashMap<>();
        for (Place place : session.list(query, row -> new Place(row.getLong(1), row.getLong(2)))) {
            rows.merge(sql.partition(place.number()).id(), place.rows(), Long::sum);
        }
        return rows;
    }
}
