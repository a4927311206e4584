package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.ACTOR;
import static dev.backstitch.connector.jdbc.LedgerTables.BACKFILL;
import static dev.backstitch.connector.jdbc.LedgerTables.BASELINE;
import static dev.backstitch.connector.jdbc.LedgerTables.CREATED_AT;
import static dev.backstitch.connector.jdbc.LedgerTables.DAG;
import static dev.backstitch.connector.jdbc.LedgerTables.EPOCH;
import static dev.backstitch.connector.jdbc.LedgerTables.PLAN;
import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SEAL;
import static dev.backstitch.connector.jdbc.LedgerTables.SHADOW;
import static dev.backstitch.connector.jdbc.LedgerTables.SINCE;
import static dev.backstitch.connector.jdbc.LedgerTables.STATE;
import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;
import static dev.backstitch.connector.jdbc.LedgerTables.WRITES;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.impl.DSL;

/** The ledger, one transaction a call. Thread-safe. */
final class JdbcLedger implements Ledger {
    private static final int ATTEMPTS = 5;
    private static final int TAKE_OVER_ATTEMPTS = 200;
    private static final Duration TAKE_OVER_WAIT = Duration.ofMillis(50);
    private static final Set<Head.State> ACTIVE = EnumSet.of(Head.State.BUILDING, Head.State.AUDITED);

    private final Database database;
    private final LedgerTables tables;
    private final Heads heads;
    private final Entries entries;
    private final Archives archives;
    private final AuditNotes audits;

    JdbcLedger(Database database, LedgerTables tables) {
        this.database = database;
        this.tables = tables;
        this.heads = new Heads(tables);
        this.entries = new Entries(tables);
        this.archives = new Archives(tables);
        this.audits = new AuditNotes(tables);
    }

    @Override
    public synchronized void prepare() {
        for (int attempt = 1; ; attempt++) {
            try {
                write("preparation of the ledger", session -> {
                    for (Query statement : tables.ddl()) {
                        session.update(statement);
                    }
                    tables.prepareQueue(session);
                    return true;
                });
                return;
            } catch (BackstitchException e) {
                // Two that make the same table at once: one of them is refused, and finds it made the next time.
                if (attempt == ATTEMPTS || e.code() == ErrorCode.DATABASE_UNAVAILABLE) {
                    throw e;
                }
            }
        }
    }

    @Override
    public Optional<Head> head(ResolvedTable target) {
        return read(
                "look at the head of " + target,
                session -> tables.arePrepared(session)
                        ? heads.find(session, target).map(HeadRow::head)
                        : Optional.empty());
    }

    @Override
    public void open(WorkOrder order) {
        String what = "begin of run " + order.run() + " on " + order.target().name();
        for (int attempt = 1; ; attempt++) {
            try {
                open(what, order);
                return;
            } catch (BackstitchException e) {
                // Of several that begin at once one wins; the others may be refused by the head's key, and find the
                // winner the next time.
                if (attempt == ATTEMPTS
                        || (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.STATEMENT_REFUSED)) {
                    throw e;
                }
            }
        }
    }

    private void open(String what, WorkOrder order) {
        write(what, session -> {
            tables.queue(session);
            Optional<Head> found = heads.find(session, order.live()).map(HeadRow::head);
            if (found.isPresent() && found.get().run().equals(order.run())) {
                heads.require(session, order, EnumSet.allOf(Head.State.class));
                return false;
            }
            found.filter(head -> head.state().isActive()).ifPresent(head -> {
                throw new BackstitchException(
                        ErrorCode.ACTIVE_BACKFILL,
                        what + " refused: expected that no backfill is active on the target, found "
                                + Heads.describe(head) + ". Nothing was written. Wait for run " + head.run()
                                + ", resume it, or cancel it.");
            });
            takeHead(session, order, found);
            entries.claim(session, order);
            return true;
        });
    }

    /** Both forms fail when somebody else takes the head at the same moment: by its key, or as zero rows. */
    private void takeHead(Session session, WorkOrder order, Optional<Head> found) {
        Map<Field<?>, Object> values = new LinkedHashMap<>();
        values.put(RUN, order.run());
        values.put(EPOCH, order.epoch());
        values.put(STATE, Head.State.BUILDING.name());
        values.put(ACTOR, order.actor());
        values.put(DAG, order.dag());
        values.put(BACKFILL, order.backfill());
        values.put(SINCE, DSL.currentOffsetDateTime());
        String target = LedgerTables.key(order.live());
        if (found.isEmpty()) {
            values.put(TARGET, target);
            values.put(WRITES, 0L);
            session.update(DSL.insertInto(tables.head()).set(values));
            return;
        }
        long taken = session.update(DSL.update(tables.head())
                .set(values)
                .set(WRITES, WRITES.plus(1))
                .setNull(SHADOW)
                .setNull(BASELINE)
                .setNull(SEAL)
                .where(TARGET.eq(target))
                .and(RUN.eq(found.get().run()))
                .and(EPOCH.eq(found.get().epoch()))
                .and(STATE.eq(found.get().state().name())));
        if (taken != 1) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: somebody else changed the head at the same time. Nothing was written."
                            + " It is tried again.");
        }
    }

    /** A merge under the old epoch that is about to commit conflicts with the take-over, which then waits for its end. */
    @Override
    public void takeOver(WorkOrder order) {
        String what =
                "take-over of run " + order.run() + " on " + order.target().name();
        // One that hangs in a transaction may hold the very rows that are raised below.
        endOlderSessions(what, order);
        for (int attempt = 1; ; attempt++) {
            try {
                if (raise(what, order)) {
                    endOlderSessions(what, order);
                }
                return;
            } catch (BackstitchException e) {
                if (attempt == TAKE_OVER_ATTEMPTS || e.code() != ErrorCode.CONFLICT) {
                    throw e;
                }
                LockSupport.parkNanos(TAKE_OVER_WAIT.toNanos());
            }
        }
    }

    private boolean raise(String what, WorkOrder order) {
        return write(what, session -> {
            if (!tables.arePrepared(session)) {
                return false;
            }
            Optional<Head> found = heads.find(session, order.live())
                    .map(HeadRow::head)
                    .filter(head -> head.run().equals(order.run()));
            if (found.isEmpty() || found.get().epoch() == order.epoch()) {
                return false;
            }
            if (found.get().epoch() > order.epoch()) {
                heads.require(session, order, EnumSet.allOf(Head.State.class));
            }
            session.update(DSL.update(tables.head())
                    .set(EPOCH, order.epoch())
                    .set(WRITES, WRITES.plus(1))
                    .where(TARGET.eq(LedgerTables.key(order.live())))
                    .and(RUN.eq(order.run()))
                    .and(EPOCH.lt(order.epoch())));
            entries.raise(session, order);
            return true;
        });
    }

    /** Whatever acts under an epoch below that of the head's new owner is to end, whether or not the head says so yet. */
    private void endOlderSessions(String what, WorkOrder order) {
        read(what, session -> {
            database.dialect().endOlderSessions(session, order);
            return true;
        });
    }

    @Override
    public void keep(KeptRun run) {
        String what = "keeping of the plan of run " + run.run();
        for (int attempt = 1; ; attempt++) {
            try {
                write(what, session -> {
                    tables.queue(session);
                    if (session.number(DSL.selectCount().from(tables.plans()).where(RUN.eq(run.run()))) == 0) {
                        session.update(DSL.insertInto(tables.plans())
                                .set(RUN, run.run())
                                .set(DAG, run.dag())
                                .set(ACTOR, run.actor())
                                .set(PLAN, run.plan())
                                .set(CREATED_AT, run.createdAt().atOffset(ZoneOffset.UTC)));
                    }
                    return true;
                });
                return;
            } catch (BackstitchException e) {
                // Of several backfills of the run that begin at once one keeps it, and the others find it kept.
                if (attempt == ATTEMPTS
                        || (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.STATEMENT_REFUSED)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public List<KeptRun> kept() {
        return read(
                "look at the runs that the ledger knows",
                session -> tables.arePlansKept(session)
                        ? session.list(
                                DSL.select(RUN, DAG, ACTOR, PLAN, CREATED_AT)
                                        .from(tables.plans())
                                        .orderBy(CREATED_AT, RUN),
                                row -> new KeptRun(
                                        row.getString(1),
                                        row.getString(2),
                                        row.getString(3),
                                        row.getString(4),
                                        row.getTimestamp(5).toInstant()))
                        : List.of());
    }

    @Override
    public List<Entry> entries(WorkOrder order) {
        return readAll(
                "look at the ledger of run " + order.run() + " on "
                        + order.target().name(),
                session -> entries.of(session, order));
    }

    @Override
    public Map<Entry.State, Long> states(WorkOrder order) {
        return read(
                "look at how far run " + order.run() + " on " + order.target().name() + " is",
                session -> tables.arePrepared(session) ? entries.states(session, order) : Map.of());
    }

    @Override
    public Set<String> partitions(WorkOrder order, Entry.State state) {
        return Set.copyOf(readAll(
                "look at the partitions of run " + order.run() + " on "
                        + order.target().name(),
                session -> entries.partitions(session, order, state)));
    }

    @Override
    public Optional<Entry> entry(WorkOrder order, Partition partition) {
        return read(
                "look at partition " + partition.id() + " in the ledger of run " + order.run(),
                session -> tables.arePrepared(session) ? entries.of(session, order, partition) : Optional.empty());
    }

    @Override
    public void audited(WorkOrder order) {
        String what = "audit of " + order.target().name() + " (run " + order.run() + ")";
        write(what, session -> {
            long version = heads.version(session, order);
            HeadRow head = heads.require(session, order, ACTIVE);
            if (head.seal().isEmpty()) {
                throw new IllegalStateException("the shadow of run " + order.run() + " was never measured");
            }
            heads.step(session, order, ACTIVE, Head.State.AUDITED, Map.of());
            heads.requireUnwritten(session, order, version);
            long audited = entries.move(
                    session, order, EnumSet.of(Entry.State.MERGED, Entry.State.AUDITED), Entry.State.AUDITED);
            if (audited != order.scope().size()) {
                throw new BackstitchException(
                        ErrorCode.LEDGER_INCOMPLETE,
                        what + " failed: expected " + order.scope().size() + " merged partitions, found " + audited
                                + ". The target is unchanged. Resume the run, which merges the others.");
            }
            return true;
        });
    }

    @Override
    public void note(WorkOrder order, List<AuditNote> notes) {
        write("note of the audits of " + order.target().name() + " (run " + order.run() + ")", session -> {
            tables.queue(session);
            heads.require(session, order, ACTIVE);
            audits.note(session, order, notes);
            return true;
        });
    }

    /** The head's row is what they queue at. */
    @Override
    public void note(WorkOrder order, String audit, Function<Optional<AuditNote>, AuditNote> revision) {
        write("note of an audit of " + order.target().name() + " (run " + order.run() + ")", session -> {
            heads.step(session, order, EnumSet.of(Head.State.BUILDING), Head.State.BUILDING, Map.of());
            Optional<AuditNote> before = audits.of(session, order).stream()
                    .filter(note -> note.name().equals(audit))
                    .findFirst();
            audits.note(session, order, List.of(revision.apply(before)));
            return true;
        });
    }

    @Override
    public List<AuditNote> notes(WorkOrder order) {
        return readAll(
                "look at the audits of " + order.target().name() + " (run " + order.run() + ")",
                session -> audits.of(session, order));
    }

    @Override
    public boolean accept(WorkOrder order, String audit, String who, String why) {
        return write(
                "acceptance of an audit of " + order.target().name() + " (run " + order.run() + ")",
                session -> tables.arePrepared(session) && audits.accept(session, order, audit, who, why));
    }

    @Override
    public void abandon(WorkOrder order) {
        write(
                "abandonment of run " + order.run() + " on " + order.target().name(),
                session -> tables.arePrepared(session)
                        && session.update(DSL.update(tables.head())
                                        .set(STATE, Head.State.ABANDONED.name())
                                        .set(EPOCH, order.epoch())
                                        .set(WRITES, WRITES.plus(1))
                                        .set(SINCE, DSL.currentOffsetDateTime())
                                        .where(heads.mine(order))
                                        .and(STATE.in(
                                                ACTIVE.stream().map(Enum::name).toList())))
                                > 0);
    }

    @Override
    public List<Archive> archives(ResolvedTable target) {
        return readAll("look at the archives of " + target, session -> archives.of(session, target));
    }

    @Override
    public Optional<Archive> archiveThatIs(TableInfo table) {
        return read(
                "look whether " + table.name() + " is an archive",
                session -> tables.arePrepared(session) ? archives.thatIs(session, table) : Optional.empty());
    }

    @Override
    public List<Entry> latest(ResolvedTable target) {
        return readAll(
                "look at what was done to the partitions of " + target, session -> entries.latest(session, target));
    }

    @Override
    public List<Entry> watermarks(ResolvedTable target) {
        return readAll("look at the watermarks of " + target, session -> entries.published(session, target));
    }

    private <T> T write(String what, Work<T> work) {
        return database.write(what, Interrupt.never(), work);
    }

    /** Who plans, or takes a run over that never opened, comes before the ledger: it holds nothing then. */
    private <T> List<T> readAll(String what, Work<List<T>> work) {
        return read(what, session -> tables.arePrepared(session) ? work.in(session) : List.of());
    }

    private <T> T read(String what, Work<T> work) {
        return database.read(what, Interrupt.never(), work);
    }
}
