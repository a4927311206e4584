package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.ACTOR;
import static dev.backstitch.connector.jdbc.LedgerTables.BASELINE;
import static dev.backstitch.connector.jdbc.LedgerTables.EPOCH;
import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SEAL;
import static dev.backstitch.connector.jdbc.LedgerTables.SHADOW;
import static dev.backstitch.connector.jdbc.LedgerTables.SINCE;
import static dev.backstitch.connector.jdbc.LedgerTables.STATE;
import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;
import static dev.backstitch.connector.jdbc.LedgerTables.WRITES;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/**
 * The head rows, read and written in the caller's transaction. Every write is a step of the caller's run under its epoch.
 */
final class Heads {
    private final LedgerTables tables;

    Heads(LedgerTables tables) {
        this.tables = tables;
    }

    Optional<HeadRow> find(Session session, ResolvedTable target) {
        return session.first(
                DSL.select(RUN, EPOCH, STATE, ACTOR, SINCE, SHADOW, BASELINE, SEAL)
                        .from(tables.head())
                        .where(TARGET.eq(LedgerTables.key(target))),
                Heads::read);
    }

    /**
     * The head, which has to be the order's run under its epoch, in one of these states.
     *
     * @throws BackstitchException with {@code FENCED}
     */
    HeadRow require(Session session, WorkOrder order, Set<Head.State> states) {
        Optional<HeadRow> found = find(session, order.live());
        return found.filter(row -> row.head().run().equals(order.run())
                        && row.head().epoch() == order.epoch()
                        && states.contains(row.head().state()))
                .orElseThrow(() -> fenced(session, order, states, found));
    }

    /** How often the head was written, where each statement sees its own state; for {@link #requireUnwritten}. */
    long version(Session session, WorkOrder order) {
        return session.dialect().isolation() == Dialect.Isolation.SNAPSHOT ? 0 : writes(session, order);
    }

    /**
     * Proves, after one step, that nobody else of the run has written the head since a transaction began that rests on what
     * it found then. In a snapshot the step itself would have failed.
     *
     * @param version as it was then
     * @throws BackstitchException with {@code CONFLICT}
     */
    void requireUnwritten(Session session, WorkOrder order, long version) {
        if (session.dialect().isolation() == Dialect.Isolation.STATEMENT && writes(session, order) != version + 1) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what()
                            + " failed: somebody else of this run wrote its head at the same time. Nothing was written."
                            + " It is tried again.");
        }
    }

    private long writes(Session session, WorkOrder order) {
        return session.first(DSL.select(WRITES).from(tables.head()).where(mine(order)), row -> row.getLong(1))
                .orElse(0L);
    }

    /**
     * Writes the head as a step of the order's run; it has to be in one of these states.
     *
     * @throws BackstitchException with {@code FENCED} when it isn't the caller's to write
     */
    void step(
            Session session, WorkOrder order, Set<Head.State> from, Head.State to, Map<Field<String>, String> values) {
        if (tryStep(session, order, from, to, values) != 1) {
            throw fenced(session, order, from, find(session, order.live()));
        }
    }

    private long tryStep(
            Session session, WorkOrder order, Set<Head.State> from, Head.State to, Map<Field<String>, String> values) {
        // One text for one step, whatever the order in which a map gives its entries.
        Map<Field<String>, String> sorted = new TreeMap<>(Comparator.comparing(Field::getName));
        sorted.putAll(values);
        return session.update(DSL.update(tables.head())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .set(STATE, to.name())
                .set(SINCE, DSL.currentOffsetDateTime())
                .set(sorted)
                .where(mine(order))
                .and(STATE.in(names(from))));
    }

    /**
     * Forgets the seal: what was measured is no longer what the shadow holds.
     *
     * @param baseline of what it was seeded from
     * @throws BackstitchException with {@code FENCED} when the head isn't the caller's to write
     */
    void unseal(Session session, WorkOrder order, Set<Head.State> from, String baseline) {
        step(session, order, from, Head.State.BUILDING, Map.of(BASELINE, baseline));
        session.update(DSL.update(tables.head()).setNull(SEAL).where(mine(order)));
    }

    /**
     * Makes the head a rolled-back one of the order's run, in place of a later run's that is over.
     *
     * @throws BackstitchException with {@code FENCED} when it has changed meanwhile
     */
    void takeBack(Session session, WorkOrder order, Head over) {
        long taken = session.update(DSL.update(tables.head())
                .set(RUN, order.run())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .set(STATE, Head.State.ROLLED_BACK.name())
                .set(SINCE, DSL.currentOffsetDateTime())
                .setNull(SHADOW)
                .setNull(BASELINE)
                .setNull(SEAL)
                .where(TARGET.eq(LedgerTables.key(order.live())))
                .and(RUN.eq(over.run()))
                .and(EPOCH.eq(over.epoch()))
                .and(STATE.eq(over.state().name())));
        if (taken != 1) {
            throw fenced(session, order, EnumSet.of(over.state()), find(session, order.live()));
        }
    }

    /**
     * Forgets the shadow; and the seal, unless it is needed for a rollback.
     *
     * @throws BackstitchException with {@code FENCED} when the head isn't the caller's to write
     */
    void forgetShadow(Session session, WorkOrder order, Head.State state) {
        var forget = DSL.update(tables.head())
                .set(EPOCH, order.epoch())
                .set(WRITES, WRITES.plus(1))
                .setNull(SHADOW)
                .setNull(BASELINE);
        long forgotten = session.update((state == Head.State.PUBLISHED ? forget : forget.setNull(SEAL))
                .where(mine(order))
                .and(STATE.eq(state.name())));
        if (forgotten != 1) {
            throw fenced(session, order, EnumSet.of(state), find(session, order.live()));
        }
    }

    Condition mine(WorkOrder order) {
        return TARGET.eq(LedgerTables.key(order.live()))
                .and(RUN.eq(order.run()))
                .and(EPOCH.eq(order.epoch()));
    }

    private static List<String> names(Set<Head.State> states) {
        return EnumSet.copyOf(states).stream().map(Enum::name).toList();
    }

    private static BackstitchException fenced(
            Session session, WorkOrder order, Set<Head.State> expected, Optional<HeadRow> found) {
        return new BackstitchException(
                ErrorCode.FENCED,
                session.what() + " stopped: expected the head of "
                        + order.target().name() + " to be run " + order.run()
                        + " under epoch " + order.epoch() + " in " + EnumSet.copyOf(expected) + ", found "
                        + found.map(row -> describe(row.head())).orElse("none")
                        + ". Nothing was written. Whoever holds the head goes on; this caller has nothing left to do.");
    }

    static String describe(Head head) {
        return "run " + head.run() + " under epoch " + head.epoch() + ", " + head.state() + " since " + head.since()
                + ", started by " + head.actor();
    }

    private static HeadRow read(ResultSet row) throws SQLException {
        return new HeadRow(
                new Head(
                        row.getString(1),
                        row.getLong(2),
                        Head.State.valueOf(row.getString(3)),
                        row.getString(4),
                        row.getTimestamp(5).toInstant()),
                Optional.ofNullable(row.getString(6)),
                Optional.ofNullable(row.getString(7)),
                Optional.ofNullable(row.getString(8)));
    }
}
