package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.ARCHIVE;
import static dev.backstitch.connector.jdbc.LedgerTables.ARCHIVE_SCHEMA;
import static dev.backstitch.connector.jdbc.LedgerTables.CREATED_AT;
import static dev.backstitch.connector.jdbc.LedgerTables.EXPIRES_AT;
import static dev.backstitch.connector.jdbc.LedgerTables.IDENTITY;
import static dev.backstitch.connector.jdbc.LedgerTables.ROWS;
import static dev.backstitch.connector.jdbc.LedgerTables.ROWS_PUBLISHED;
import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SEAL;
import static dev.backstitch.connector.jdbc.LedgerTables.STATE;
import static dev.backstitch.connector.jdbc.LedgerTables.STRUCTURE;
import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** The ledger's rows of archives, read and written in the caller's transaction. */
final class Archives {
    /**
     * An archive with what only connectors read.
     *
     * @param archive what everybody may see
     * @param identity the archive table's own
     * @param structure the target's, as the publish left it
     * @param seal of the rows that were published, from which later writes are counted
     */
    record Row(Archive archive, String identity, String structure, String seal) {}

    private static final List<Field<?>> READ = List.of(
            RUN,
            ARCHIVE_SCHEMA,
            ARCHIVE,
            IDENTITY,
            STRUCTURE,
            SEAL,
            ROWS,
            ROWS_PUBLISHED,
            CREATED_AT,
            EXPIRES_AT,
            STATE);

    private final LedgerTables tables;

    Archives(LedgerTables tables) {
        this.tables = tables;
    }

    /** Notes what the order's archive is; its age is counted by the database's clock. */
    Archive keep(
            Session session,
            WorkOrder order,
            String identity,
            String structure,
            String seal,
            long rows,
            long rowsPublished) {
        OffsetDateTime now = session.one(
                DSL.select(DSL.currentOffsetDateTime()),
                row -> row.getTimestamp(1).toInstant().atOffset(ZoneOffset.UTC));
        OffsetDateTime expires = now.plus(order.publish().retention());
        session.update(DSL.insertInto(tables.archives())
                .columns(
                        RUN,
                        TARGET,
                        ARCHIVE_SCHEMA,
                        ARCHIVE,
                        IDENTITY,
                        STRUCTURE,
                        SEAL,
                        ROWS,
                        ROWS_PUBLISHED,
                        CREATED_AT,
                        EXPIRES_AT,
                        STATE)
                .values(
                        order.run(),
                        LedgerTables.key(order.live()),
                        order.archive().schema(),
                        order.archive().table(),
                        identity,
                        structure,
                        seal,
                        rows,
                        rowsPublished,
                        now,
                        expires,
                        Archive.State.KEPT.name()));
        return new Archive(
                order.archive(),
                order.run(),
                rows,
                rowsPublished,
                now.toInstant(),
                expires.toInstant(),
                Archive.State.KEPT);
    }

    Optional<Row> of(Session session, WorkOrder order) {
        return session.first(
                DSL.select(READ)
                        .from(tables.archives())
                        .where(RUN.eq(order.run()))
                        .and(TARGET.eq(LedgerTables.key(order.live()))),
                row -> read(row, order.live()));
    }

    List<Archive> of(Session session, ResolvedTable target) {
        return session.list(
                DSL.select(READ)
                        .from(tables.archives())
                        .where(TARGET.eq(LedgerTables.key(target)))
                        .orderBy(CREATED_AT.desc(), RUN.desc()),
                row -> read(row, target).archive());
    }

    /** Whether this run's publish stands and can be taken back. */
    boolean isKept(Session session, WorkOrder order) {
        return of(session, order)
                .filter(row -> row.archive().state() == Archive.State.KEPT)
                .isPresent();
    }

    /** Whether no later publish of the target is still live, its archive dropped or not, and this run's archive is kept. */
    boolean isLatestKept(Session session, WorkOrder order) {
        return of(session, order.live()).stream()
                .filter(archive -> archive.state() != Archive.State.RESTORED)
                .findFirst()
                .filter(archive -> archive.run().equals(order.run()) && archive.state() == Archive.State.KEPT)
                .isPresent();
    }

    /** The kept archive of whatever target that this table is. */
    Optional<Archive> thatIs(Session session, TableInfo table) {
        return session.first(
                DSL.select(READ)
                        .from(tables.archives())
                        .where(ARCHIVE_SCHEMA.eq(table.name().schema()))
                        .and(ARCHIVE.eq(table.name().table()))
                        .and(IDENTITY.eq(table.identity()))
                        .and(STATE.eq(Archive.State.KEPT.name())),
                row -> read(row, table.name()).archive());
    }

    /**
     * Proves that a publish of this table would be seen.
     *
     * @throws BackstitchException with {@code TARGET_CHANGED}
     */
    void requireNotArchived(Session session, TableInfo table) {
        thatIs(session, table).ifPresent(archive -> {
            throw new BackstitchException(
                    ErrorCode.TARGET_CHANGED,
                    session.what() + " refused: expected that readers see " + table.name()
                            + ", found that it is the archive"
                            + " of run " + archive.run() + " since " + archive.createdAt()
                            + ". It was not written. Plan the backfill again, of what is live now.");
        });
    }

    /** Whether the archive was kept and is now restored. */
    boolean restored(Session session, WorkOrder order) {
        return session.update(DSL.update(tables.archives())
                        .set(STATE, Archive.State.RESTORED.name())
                        .where(RUN.eq(order.run()))
                        .and(TARGET.eq(LedgerTables.key(order.live())))
                        .and(STATE.eq(Archive.State.KEPT.name())))
                == 1;
    }

    /** Whether its retention is over, by the database's clock. */
    boolean hasExpired(Session session, WorkOrder order) {
        return session.number(DSL.selectCount()
                        .from(tables.archives())
                        .where(isOf(order))
                        .and(EXPIRES_AT.le(DSL.currentOffsetDateTime())))
                > 0;
    }

    /** Whether the archive was kept and is now dropped. */
    boolean dropped(Session session, WorkOrder order) {
        return session.update(DSL.update(tables.archives())
                        .set(STATE, Archive.State.DROPPED.name())
                        .where(isOf(order))
                        .and(STATE.eq(Archive.State.KEPT.name())))
                == 1;
    }

    private static Condition isOf(WorkOrder order) {
        return RUN.eq(order.run()).and(TARGET.eq(LedgerTables.key(order.live())));
    }

    private static Row read(ResultSet row, ResolvedTable target) throws SQLException {
        ResolvedTable table = new ResolvedTable(target.catalog(), row.getString(2), row.getString(3));
        return new Row(
                new Archive(
                        table,
                        row.getString(1),
                        row.getLong(7),
                        row.getLong(8),
                        row.getTimestamp(9).toInstant(),
                        row.getTimestamp(10).toInstant(),
                        Archive.State.valueOf(row.getString(11))),
                row.getString(4),
                row.getString(5),
                row.getString(6));
    }
}
