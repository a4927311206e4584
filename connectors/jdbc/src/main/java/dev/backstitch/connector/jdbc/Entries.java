package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.BACKFILL;
import static dev.backstitch.connector.jdbc.LedgerTables.CHANGED;
import static dev.backstitch.connector.jdbc.LedgerTables.DEDUPED;
import static dev.backstitch.connector.jdbc.LedgerTables.DELETED;
import static dev.backstitch.connector.jdbc.LedgerTables.EPOCH;
import static dev.backstitch.connector.jdbc.LedgerTables.INSERTED;
import static dev.backstitch.connector.jdbc.LedgerTables.LOGIC;
import static dev.backstitch.connector.jdbc.LedgerTables.PARTITION;
import static dev.backstitch.connector.jdbc.LedgerTables.ROWS_AFTER;
import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SINCE;
import static dev.backstitch.connector.jdbc.LedgerTables.SLICE;
import static dev.backstitch.connector.jdbc.LedgerTables.STAGED;
import static dev.backstitch.connector.jdbc.LedgerTables.STATE;
import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;
import static dev.backstitch.connector.jdbc.LedgerTables.UNCHANGED;
import static dev.backstitch.connector.jdbc.LedgerTables.UPDATED;
import static dev.backstitch.connector.jdbc.LedgerTables.WRITES;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.InsertValuesStepN;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The ledger's rows of partitions, read and written in the caller's transaction. */
final class Entries {
    /** Rows in one INSERT: far below the number of values that any driver takes. */
    private static final int CHUNK = 500;

    private static final List<Field<?>> READ = List.of(
            RUN,
            PARTITION,
            STATE,
            EPOCH,
            LOGIC,
            STAGED,
            DEDUPED,
            INSERTED,
            UPDATED,
            UNCHANGED,
            DELETED,
            ROWS_AFTER,
            SINCE,
            CHANGED);

    private static final List<Field<?>> CLAIMED = List.of(
            RUN,
            PARTITION,
            TARGET,
            BACKFILL,
            STATE,
            EPOCH,
            WRITES,
            LOGIC,
            SLICE,
            STAGED,
            DEDUPED,
            INSERTED,
            UPDATED,
            UNCHANGED,
            DELETED,
            ROWS_AFTER,
            SINCE);

    private final LedgerTables tables;
    private volatile @Nullable String merged;

    Entries(LedgerTables tables) {
        this.tables = tables;
    }

    void claim(Session session, WorkOrder order) {
        List<Partition> scope = order.scope();
        for (int from = 0; from < scope.size(); from += CHUNK) {
            InsertValuesStepN<?> insert = DSL.insertInto(tables.entries()).columns(CLAIMED);
            for (Partition partition : scope.subList(from, Math.min(from + CHUNK, scope.size()))) {
                insert = insert.values(
                        order.run(),
                        partition.id(),
                        LedgerTables.key(order.live()),
                        order.backfill(),
                        Entry.State.CLAIMED.name(),
                        order.epoch(),
                        0L,
                        order.logic(),
                        partition.slice().toString(),
                        0L,
                        0L,
                        0L,
                        0L,
                        0L,
                        0L,
                        0L,
                        DSL.currentOffsetDateTime());
            }
            session.update(insert);
        }
    }

    List<Entry> of(Session session, WorkOrder order) {
        return session.list(
                DSL.select(READ).from(tables.entries()).where(of(order)).orderBy(PARTITION), Entries::read);
    }

    Map<Entry.State, Long> states(Session session, WorkOrder order) {
        record States(Entry.State state, long entries) {}
        return session
                .list(
                        DSL.select(STATE, DSL.count())
                                .from(tables.entries())
                                .where(of(order))
                                .groupBy(STATE),
                        row -> new States(Entry.State.valueOf(row.getString(1)), row.getLong(2)))
                .stream()
                .collect(Collectors.toMap(States::state, States::entries));
    }

    List<String> partitions(Session session, WorkOrder order, Entry.State state) {
        return session.list(
                DSL.select(PARTITION).from(tables.entries()).where(of(order)).and(STATE.eq(state.name())),
                row -> row.getString(1));
    }

    Optional<Entry> of(Session session, WorkOrder order, Partition partition) {
        return session.first(
                DSL.select(READ).from(tables.entries()).where(of(order)).and(PARTITION.eq(partition.id())),
                Entries::read);
    }

    /** The latest published entry of each partition, by whatever run. */
    List<Entry> published(Session session, ResolvedTable target) {
        return latest(session, target, STATE.eq(Entry.State.PUBLISHED.name()));
    }

    /** The latest entry of each partition, by whatever run. */
    List<Entry> latest(Session session, ResolvedTable target) {
        return latest(session, target, DSL.noCondition());
    }

    private List<Entry> latest(Session session, ResolvedTable target, Condition among) {
        Field<Integer> place = DSL.rowNumber()
                .over(DSL.partitionBy(PARTITION).orderBy(SINCE.desc(), RUN.desc()))
                .as("place");
        return session.list(
                DSL.select(READ)
                        .from(DSL.select(READ)
                                .select(place)
                                .from(tables.entries())
                                .where(TARGET.eq(LedgerTables.key(target)))
                                .and(among)
                                .asTable("placed"))
                        .where(place.eq(1))
                        .orderBy(PARTITION),
                Entries::read);
    }

    /**
     * The last statement of a merge: the checkpoint, and the fence in one.
     *
     * @throws BackstitchException with {@code FENCED}
     */
    void merged(Session session, WorkOrder order, Partition partition, MergeCounts rows) {
        if (update(session, order, partition, rows) != 1) {
            throw fenced(session, order, partition, "CLAIMED");
        }
    }

    /**
     * As {@link #merged(Session, WorkOrder, Partition, MergeCounts)}, where each statement sees its own state: a merge that
     * has taken a row out of this partition meanwhile is waited for, and does not make the update fail by itself.
     *
     * @param writes the entry's {@link #writes} when the merge began
     * @throws BackstitchException with {@code CONFLICT} when the entry was written since
     */
    void merged(Session session, WorkOrder order, Partition partition, MergeCounts rows, long writes) {
        merged(session, order, partition, rows);
        if (writes(session, order, partition) != writes + 1) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what()
                            + " failed: a row was moved out of this partition at the same time. Nothing of it was"
                            + " written, the target is unchanged. It is tried again.");
        }
    }

    /** How often a partition's entry was written. */
    long writes(Session session, WorkOrder order, Partition partition) {
        return session.first(
                        DSL.select(WRITES)
                                .from(tables.entries())
                                .where(of(order))
                                .and(PARTITION.eq(partition.id())),
                        row -> row.getLong(1))
                .orElse(0L);
    }

    private long update(Session session, WorkOrder order, Partition partition, MergeCounts rows) {
        return session.update(new BoundSql(
                mergedText(session),
                List.of(
                        order.epoch(),
                        rows.staged(),
                        rows.deduped(),
                        rows.inserted(),
                        rows.updated(),
                        rows.unchanged(),
                        rows.deleted(),
                        rows.rowsAfter(),
                        ChangedColumns.written(rows.changed()),
                        order.run(),
                        LedgerTables.key(order.live()),
                        partition.id(),
                        order.epoch())));
    }

    /** Rendered once, since every merge ends with it; what it binds is in the order in which it stands here. */
    private String mergedText(Session session) {
        String known = merged;
        if (known != null) {
            return known;
        }
        String text = session.rendered(DSL.update(tables.entries())
                        .set(STATE, DSL.inline(Entry.State.MERGED.name()))
                        .set(EPOCH, 0L)
                        .set(WRITES, WRITES.plus(DSL.inline(1)))
                        .set(STAGED, 0L)
                        .set(DEDUPED, 0L)
                        .set(INSERTED, 0L)
                        .set(UPDATED, 0L)
                        .set(UNCHANGED, 0L)
                        .set(DELETED, 0L)
                        .set(ROWS_AFTER, 0L)
                        .set(CHANGED, "")
                        .set(SINCE, DSL.currentOffsetDateTime())
                        .where(RUN.eq(""))
                        .and(TARGET.eq(""))
                        .and(PARTITION.eq(""))
                        .and(EPOCH.eq(0L))
                        .and(STATE.eq(DSL.inline(Entry.State.CLAIMED.name()))))
                .text();
        merged = text;
        return text;
    }

    /** Moves every entry of the run that is in one of these states and under the order's epoch; how many there were. */
    long move(Session session, WorkOrder order, Set<Entry.State> from, Entry.State to) {
        return move(session, order, DSL.noCondition(), from, to);
    }

    /** The same of the entries of these partitions. */
    long move(
            Session session, WorkOrder order, Collection<Partition> partitions, Set<Entry.State> from, Entry.State to) {
        return move(
                session,
                order,
                PARTITION.in(partitions.stream().map(Partition::id).toList()),
                from,
                to);
    }

    private long move(Session session, WorkOrder order, Condition some, Set<Entry.State> from, Entry.State to) {
        return session.update(DSL.update(tables.entries())
                .set(STATE, to.name())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .set(SINCE, DSL.currentOffsetDateTime())
                .where(of(order))
                .and(some)
                .and(EPOCH.eq(order.epoch()))
                .and(STATE.in(EnumSet.copyOf(from).stream().map(Enum::name).toList())));
    }

    /**
     * Writes the entries of partitions out of which this transaction takes rows, so that it and a merge of one of them that
     * runs at the same time can't both commit: that one would count rows that are gone.
     */
    void touch(Session session, WorkOrder order, Collection<Partition> partitions) {
        long touched = session.update(DSL.update(tables.entries())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .where(of(order))
                .and(PARTITION.in(partitions.stream().map(Partition::id).toList()))
                .and(EPOCH.eq(order.epoch()))
                .and(STATE.eq(Entry.State.CLAIMED.name())));
        if (touched != partitions.size()) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what()
                            + " failed: a partition from which a row moves was merged at the same time. Nothing of"
                            + " this partition was written, the target is unchanged. It is tried again.");
        }
    }

    /** Makes one of the run's partitions one that has yet to be merged. */
    void reopen(Session session, WorkOrder order, Partition partition) {
        long reopened = session.update(DSL.update(tables.entries())
                .set(STATE, Entry.State.CLAIMED.name())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .where(of(order))
                .and(PARTITION.eq(partition.id()))
                .and(EPOCH.eq(order.epoch()))
                .and(STATE.in(Entry.State.CLAIMED.name(), Entry.State.MERGED.name(), Entry.State.AUDITED.name())));
        if (reopened != 1) {
            throw fenced(session, order, partition, "CLAIMED, MERGED or AUDITED");
        }
    }

    void raise(Session session, WorkOrder order) {
        session.update(DSL.update(tables.entries())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .where(of(order))
                .and(EPOCH.lt(order.epoch())));
    }

    private BackstitchException fenced(Session session, WorkOrder order, Partition partition, String expected) {
        Optional<Entry> found = of(session, order, partition);
        return new BackstitchException(
                ErrorCode.FENCED,
                session.what() + " stopped: expected the ledger's entry " + expected + " under epoch " + order.epoch()
                        + ", found "
                        + found.map(entry -> entry.state() + " under epoch " + entry.epoch())
                                .orElse("none")
                        + ". Nothing was written. Somebody else did or does this work; this caller has nothing left to do.");
    }

    private static Condition of(WorkOrder order) {
        return RUN.eq(order.run()).and(TARGET.eq(LedgerTables.key(order.live())));
    }

    private static Entry read(ResultSet row) throws SQLException {
        return new Entry(
                row.getString(1),
                row.getString(2),
                Entry.State.valueOf(row.getString(3)),
                row.getLong(4),
                row.getString(5),
                new MergeCounts(
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getLong(9),
                        row.getLong(10),
                        row.getLong(11),
                        row.getLong(12),
                        ChangedColumns.read(row.getString(14))),
                row.getTimestamp(13).toInstant());
    }
}
