package dev.backstitch.state;

import static dev.backstitch.state.Tables.InstanceTable.ATTEMPT;
import static dev.backstitch.state.Tables.InstanceTable.CLAIMED_BY;
import static dev.backstitch.state.Tables.InstanceTable.ENDED_AT;
import static dev.backstitch.state.Tables.InstanceTable.EPOCH;
import static dev.backstitch.state.Tables.InstanceTable.ERROR;
import static dev.backstitch.state.Tables.InstanceTable.INSTANCES;
import static dev.backstitch.state.Tables.InstanceTable.NOT_BEFORE;
import static dev.backstitch.state.Tables.InstanceTable.PARTITION;
import static dev.backstitch.state.Tables.InstanceTable.POSITION;
import static dev.backstitch.state.Tables.InstanceTable.RUN;
import static dev.backstitch.state.Tables.InstanceTable.STARTED_AT;
import static dev.backstitch.state.Tables.InstanceTable.STATE;
import static dev.backstitch.state.Tables.InstanceTable.TASK;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.selectOne;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.Tables.RunTable;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * Takes a task instance and gives it back: what lanes do all the time. Its SQL is rendered once.
 *
 * <p>The fence is the instance's own row. It carries the epoch under which it was made ready, a take-over writes the new
 * epoch into every row that can still be claimed or ended, and so each change here is decided by one row alone.
 */
final class Claims {
    private static final String ANY = "";
    private static final Instant WHENEVER = Instant.EPOCH;

    private final String claim;
    private final String claimed;
    private final String succeed;
    private final String retry;
    private final String fail;

    Claims(Configuration configuration) {
        DSLContext jooq = DSL.using(configuration);
        this.claim = jooq.update(INSTANCES)
                .set(STATE, inline(InstanceState.RUNNING.name()))
                .set(ATTEMPT, ATTEMPT.plus(inline(1)))
                .set(STARTED_AT, WHENEVER)
                .set(CLAIMED_BY, ANY)
                .set(ENDED_AT, inline((Instant) null, ENDED_AT))
                .set(ERROR, inline(""))
                .where(one(InstanceState.READY))
                .and(NOT_BEFORE.le(WHENEVER))
                .and(exists(selectOne()
                        .from(RunTable.RUN)
                        .where(RunTable.ID.eq(ANY))
                        .and(Runs.isRunning())))
                .getSQL();
        this.claimed = jooq.select(PARTITION, ATTEMPT)
                .from(INSTANCES)
                .where(RUN.eq(ANY))
                .and(TASK.eq(0))
                .and(POSITION.eq(0))
                .getSQL();
        this.succeed = jooq.update(INSTANCES)
                .set(STATE, inline(InstanceState.SUCCEEDED.name()))
                .set(ENDED_AT, WHENEVER)
                .where(one(InstanceState.RUNNING))
                .getSQL();
        this.retry = jooq.update(INSTANCES)
                .set(STATE, inline(InstanceState.READY.name()))
                .set(ENDED_AT, WHENEVER)
                .set(NOT_BEFORE, WHENEVER)
                .set(ERROR, ANY)
                .where(one(InstanceState.RUNNING))
                .getSQL();
        this.fail = jooq.update(INSTANCES)
                .set(STATE, inline(InstanceState.FAILED.name()))
                .set(ENDED_AT, WHENEVER)
                .set(ERROR, ANY)
                .where(one(InstanceState.RUNNING))
                .getSQL();
    }

    Optional<Claim> claim(Session session, InstanceKey key, long epoch, String engine, List<Gate> gates, Instant now)
            throws SQLException {
        try (PreparedStatement statement = session.prepare(claim)) {
            statement.setObject(1, Stored.bind(now));
            statement.setString(2, engine);
            int next = bindOne(statement, 3, key, epoch);
            statement.setObject(next++, Stored.bind(now));
            statement.setString(next, key.run());
            if (statement.executeUpdate() == 0) {
                return Optional.empty();
            }
        }
        try (PreparedStatement statement = session.prepare(claimed)) {
            statement.setString(1, key.run());
            statement.setInt(2, key.task());
            statement.setInt(3, key.position());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Optional.of(new Claim(key, row.getString(1), row.getInt(2), epoch, engine, gates));
            }
        }
    }

    void succeed(Session session, Claim done, Instant now) throws SQLException {
        try (PreparedStatement statement = session.prepare(succeed)) {
            statement.setObject(1, Stored.bind(now));
            bindOne(statement, 2, done.key(), done.epoch());
            refuseUnlessChanged(statement.executeUpdate(), done, InstanceState.SUCCEEDED);
        }
    }

    void retry(Session session, Claim claim, Instant notBefore, String error, Instant now) throws SQLException {
        try (PreparedStatement statement = session.prepare(retry)) {
            statement.setObject(1, Stored.bind(now));
            statement.setObject(2, Stored.bind(notBefore));
            statement.setString(3, Stored.message(error));
            bindOne(statement, 4, claim.key(), claim.epoch());
            refuseUnlessChanged(statement.executeUpdate(), claim, InstanceState.READY);
        }
    }

    void fail(Session session, Claim claim, String error, Instant now) throws SQLException {
        try (PreparedStatement statement = session.prepare(fail)) {
            statement.setObject(1, Stored.bind(now));
            statement.setString(2, Stored.message(error));
            bindOne(statement, 3, claim.key(), claim.epoch());
            refuseUnlessChanged(statement.executeUpdate(), claim, InstanceState.FAILED);
        }
    }

    /** Its binds are those of {@link #bindOne}. */
    private static Condition one(InstanceState state) {
        return RUN.eq(ANY).and(TASK.eq(0)).and(POSITION.eq(0)).and(EPOCH.eq(0L)).and(STATE.eq(inline(state.name())));
    }

    /** Returns the number of the next bind. */
    private static int bindOne(PreparedStatement statement, int first, InstanceKey key, long epoch)
            throws SQLException {
        statement.setString(first, key.run());
        statement.setInt(first + 1, key.task());
        statement.setInt(first + 2, key.position());
        statement.setLong(first + 3, epoch);
        return first + 4;
    }

    private static void refuseUnlessChanged(int changed, Claim claim, InstanceState to) {
        if (changed == 0) {
            throw new BackstitchException(
                    ErrorCode.CONCURRENT_TRANSITION,
                    "run " + claim.key().run() + " task " + claim.key().task() + " instance "
                            + claim.key().position() + " can't become " + to + ": expected it RUNNING under epoch "
                            + claim.epoch() + ", found that somebody else acts for it now. Nothing was changed; this"
                            + " engine stands down.");
        }
    }
}
