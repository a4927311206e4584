package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Measure.Side;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSetMetaData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jooq.Field;
import org.jooq.QueryPart;

/** Measures, each in one snapshot that also seals. Thread-safe. */
final class JdbcMeasures implements Measures {
    private static final Set<Head.State> ACTIVE = EnumSet.of(Head.State.BUILDING, Head.State.AUDITED);

    private final Database database;
    private final Seals seals;
    private final Heads heads;
    private final Catalog catalog;
    private final CatchUp catchUp;

    JdbcMeasures(
            Database database, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals, Catalog catalog) {
        this.database = database;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.catalog = catalog;
        this.catchUp = new CatchUp(database.dialect(), ledger, tables, drift, seals);
    }

    @Override
    public Evidence measure(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        String what = "measurement of the shadow of " + order.target().name() + " (run " + order.run() + ")";
        database.writeEach(
                what, order, interrupt, seals.beforeMeasure(order), session -> heads.require(session, order, ACTIVE));
        Map<TableName, TableInfo> others = others(measures);
        return database.write(what, order, interrupt, session -> {
            long version = heads.version(session, order);
            HeadRow head = heads.require(session, order, ACTIVE);
            Map<Field<String>, String> kept = new HashMap<>();
            if (CatchUp.isAskedFor(order)) {
                // In the snapshot of what is measured: else a write between would look like the shadow's fault.
                String baseline = head.baseline().orElseThrow();
                kept.put(LedgerTables.BASELINE, catchUp.beforeMeasure(session, order, baseline));
            }
            Optional<Fingerprint> before = database.dialect().isolation() == Dialect.Isolation.SNAPSHOT
                    ? Optional.empty()
                    : Optional.of(new Overwritten(database.dialect(), order).ofShadow(session, order.shadow()));
            Evidence evidence = evidence(session, order, Set.copyOf(measures), others);
            String seal = seals.seal(session, order);
            requireMeasured(session, order, before, seal);
            kept.put(LedgerTables.SEAL, seal);
            // What was audited before is not what is sealed now: the audits have to pass again.
            heads.step(session, order, ACTIVE, Head.State.BUILDING, kept);
            heads.requireUnwritten(session, order, version);
            return evidence;
        });
    }

    /** Where each statement sees its own state, somebody may have changed the shadow between what was measured and the seal. */
    private static void requireMeasured(Session session, WorkOrder order, Optional<Fingerprint> before, String seal) {
        if (before.filter(measured -> !measured.toString().equals(seal)).isPresent()) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: somebody else wrote shadow " + order.shadow()
                            + " while it was measured. Nothing was sealed, the target is unchanged. It is tried again.");
        }
    }

    @Override
    public Evidence measurePartition(
            WorkOrder order, Partition partition, Collection<Measure> measures, Interrupt interrupt) {
        String what = "measurement of partition " + partition.id() + " of the shadow of "
                + order.target().name() + " (run " + order.run() + ")";
        MeasureSql sql = new MeasureSql(database.dialect(), order.only(partition));
        Set<Measure> distinct = Set.copyOf(measures);
        List<Measure> counted =
                distinct.stream().filter(Measure.RowsBreaking.class::isInstance).toList();
        List<Measure.Figure> ofShadow = figures(distinct, Side.SHADOW);
        List<Measure.Figure> ofLive = figures(distinct, Side.LIVE);
        return database.read(what, interrupt, session -> {
            TableScan shadow = reading(
                    session,
                    () -> new TableScan(sql, counted, ofShadow)
                            .read(session, sql.scanScopeOfShadow(counted, ofShadow)));
            TableScan target = new TableScan(sql, List.of(), ofLive);
            if (!ofLive.isEmpty()) {
                reading(session, () -> target.read(session, sql.scanScopeOfTarget(ofLive)));
            }
            Map<Measure.Figure, Evidence.Figures> figures = new HashMap<>();
            ofShadow.forEach(figure -> figures.put(figure, shadow.figures(figure)));
            ofLive.forEach(figure -> figures.put(figure, target.figures(figure)));
            return new Evidence(
                    counted.stream().collect(Collectors.toMap(Function.identity(), shadow::count)),
                    List.of(new PartitionRows(
                            partition.id(), shadow.rows(partition.id()), target.rows(partition.id()), 0)),
                    counted.stream().collect(Collectors.toMap(Function.identity(), shadow::countByPartition)),
                    figures);
        });
    }

    private Evidence evidence(
            Session session, WorkOrder order, Set<Measure> measures, Map<TableName, TableInfo> others) {
        MeasureSql sql = new MeasureSql(database.dialect(), order);
        List<Measure> counted =
                measures.stream().filter(JdbcMeasures::isCounted).toList();
        List<Measure.Figure> ofShadow = figures(measures, Side.SHADOW);
        List<Measure.Figure> ofLive = figures(measures, Side.LIVE);
        boolean comparesOutside = measures.contains(new Measure.ChangedOutsideScope())
                && order.seed().seed() == Seed.WHOLE_TARGET;
        // Expressions are the developer's, and must not write.
        TableScan shadow = reading(
                session, () -> new TableScan(sql, counted, ofShadow).read(session, sql.scanShadow(counted, ofShadow)));
        TableScan target = reading(
                session,
                () -> new TableScan(sql, List.of(), ofLive)
                        .read(session, comparesOutside ? sql.scanTarget(ofLive) : sql.scanScopeOfTarget(ofLive)));
        Map<String, Long> missing = byPartition(session, sql.missingKeys(), sql);

        Map<Measure, Long> values = new HashMap<>();
        for (Measure measure : measures) {
            if (measure instanceof Measure.KeysOutsideScope) {
                values.put(measure, session.number(sql.countKeysOutside()));
            } else if (measure instanceof Measure.ChangedOutsideScope) {
                values.put(measure, changedOutside(session, sql, comparesOutside, shadow, target));
            } else {
                value(session, sql, measure, shadow, others).ifPresent(value -> values.put(measure, value));
            }
        }
        Map<Measure.Figure, Evidence.Figures> figures = new HashMap<>();
        ofShadow.forEach(figure -> figures.put(figure, shadow.figures(figure)));
        ofLive.forEach(figure -> figures.put(figure, target.figures(figure)));
        return new Evidence(
                values,
                order.scope().stream()
                        .map(partition -> new PartitionRows(
                                partition.id(),
                                shadow.rows(partition.id()),
                                target.rows(partition.id()),
                                missing.getOrDefault(partition.id(), 0L)))
                        .toList(),
                counted.stream().collect(Collectors.toMap(Function.identity(), shadow::countByPartition)),
                figures);
    }

    /** What a measure of rows comes to; nothing of a figure. */
    private Optional<Long> value(
            Session session, MeasureSql sql, Measure measure, TableScan shadow, Map<TableName, TableInfo> others) {
        if (isCounted(measure)) {
            return Optional.of(shadow.count(measure));
        }
        if (measure instanceof Measure.DuplicateGroups groups) {
            return Optional.of(session.number(sql.countDuplicateGroups(groups.columns())));
        }
        if (measure instanceof Measure.RowsFound found) {
            return Optional.of(reading(session, () -> count(session, sql, found)));
        }
        if (measure instanceof Measure.Orphans orphans) {
            ResolvedTable table = other(others, orphans.table()).name();
            return Optional.of(session.number(sql.countOrphans(orphans, table)));
        }
        return measure instanceof Measure.Uncovered uncovered
                ? Optional.of(session.number(sql.countUncovered(uncovered, other(others, uncovered.source()))))
                : Optional.empty();
    }

    private static boolean isCounted(Measure measure) {
        return measure instanceof Measure.RowsWithNull || measure instanceof Measure.RowsBreaking;
    }

    @Override
    public Evidence measureLive(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        String what = "look at " + order.live() + " after its publish (run " + order.run() + ")";
        MeasureSql sql = new MeasureSql(database.dialect(), order.ofPublished());
        Set<Measure> distinct = Set.copyOf(measures);
        List<Measure> counted =
                distinct.stream().filter(JdbcMeasures::isCounted).toList();
        List<Measure.Figure> figures = figures(distinct, Side.SHADOW);
        Map<TableName, TableInfo> others = others(distinct);
        return database.read(what, interrupt, session -> {
            TableScan live = reading(
                    session,
                    () -> new TableScan(sql, counted, figures).read(session, sql.scanScopeOfShadow(counted, figures)));
            Map<Measure, Long> values = new HashMap<>();
            for (Measure measure : distinct) {
                value(session, sql, measure, live, others).ifPresent(value -> values.put(measure, value));
            }
            return new Evidence(
                    values,
                    order.scope().stream()
                            .map(partition -> new PartitionRows(
                                    partition.id(), live.rows(partition.id()), live.rows(partition.id()), 0))
                            .toList(),
                    counted.stream().collect(Collectors.toMap(Function.identity(), live::countByPartition)),
                    figures.stream().collect(Collectors.toMap(Function.identity(), live::figures)));
        });
    }

    private <T> T reading(Session session, Supplier<T> queries) {
        return database.dialect().reading(session, queries);
    }

    private static List<Measure.Figure> figures(Set<Measure> measures, Side side) {
        return measures.stream()
                .filter(Measure.Figure.class::isInstance)
                .map(Measure.Figure.class::cast)
                .filter(figure -> figure.side() == side)
                .toList();
    }

    private static TableInfo other(Map<TableName, TableInfo> others, TableName name) {
        TableInfo found = others.get(name);
        if (found == null) {
            throw new BackstitchException(
                    ErrorCode.TARGET_MISSING,
                    "an audit compares with table " + name
                            + ", which is not there any more. The target is unchanged. Create it, then resume.");
        }
        return found;
    }

    /** The other tables of these measures, looked up before their transaction begins. */
    private Map<TableName, TableInfo> others(Collection<Measure> measures) {
        Map<TableName, TableInfo> others = new HashMap<>();
        for (Measure measure : measures) {
            otherOf(measure).ifPresent(name -> catalog.table(name).ifPresent(table -> others.put(name, table)));
        }
        return others;
    }

    private static Optional<TableName> otherOf(Measure measure) {
        if (measure instanceof Measure.Orphans orphans) {
            return Optional.of(orphans.table());
        }
        return measure instanceof Measure.Uncovered uncovered ? Optional.of(uncovered.source()) : Optional.empty();
    }

    @Override
    public Offenders offenders(WorkOrder order, Measure measure, int atMost, Interrupt interrupt) {
        String what = "look for what an audit of " + order.target().name() + " objects to (run " + order.run() + ")";
        Optional<TableInfo> other = otherOf(measure).flatMap(catalog::table);
        return database.read(what, interrupt, session -> {
            MeasureSql sql = new MeasureSql(database.dialect(), order);
            if (measure instanceof Measure.RowsFound found) {
                BoundSql query = sql.userQuery(session, found.sql());
                return reading(session, () -> offenders(session, query, query.text(), atMost));
            }
            Optional<QueryPart> query = sql.offenders(measure, other);
            return query.isEmpty()
                    ? Offenders.NONE
                    : reading(
                            session,
                            () -> offenders(
                                    session, session.rendered(query.get()), session.readable(query.get()), atMost));
        });
    }

    private static Offenders offenders(Session session, BoundSql query, String readable, int atMost) {
        BoundSql first =
                new BoundSql("select * from (" + query.text() + "\n) offending limit " + atMost, query.binds());
        List<String> columns = new ArrayList<>();
        List<List<String>> rows = session.list(first, row -> {
            ResultSetMetaData meta = row.getMetaData();
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                if (columns.size() < i) {
                    columns.add(meta.getColumnLabel(i));
                }
                values.add(String.valueOf(row.getString(i)));
            }
            return values;
        });
        return new Offenders(columns, rows, readable);
    }

    private static long count(Session session, MeasureSql sql, Measure.RowsFound found) {
        return session.list(sql.countRows(session, found.sql()), row -> row.getLong(1))
                .get(0);
    }

    private static long changedOutside(
            Session session, MeasureSql sql, boolean compares, TableScan shadow, TableScan target) {
        if (!compares) {
            return shadow.outside();
        }
        boolean equal =
                shadow.outside() == target.outside() && shadow.outsideHash().equals(target.outsideHash());
        return equal ? 0 : session.number(sql.countOutsideDifferences());
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
