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
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.jooq.impl.DSL.case_;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.min;

import com.google.common.collect.Lists;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** The rows of task instances, but for the changes that {@link Claims} makes. Each method is part of the caller's transaction. */
final class Instances {
    private static final int BATCH = 5_000;
    private static final int POSITIONS_A_STATEMENT = 1_000;

    private final String insert;

    Instances(Configuration configuration) {
        this.insert = DSL.using(configuration)
                .insertInto(INSTANCES)
                .columns(RUN, TASK, POSITION, PARTITION, STATE, EPOCH, ATTEMPT, NOT_BEFORE, ERROR)
                .values("", 0, 0, "", "", 0L, 0, Instant.EPOCH, "")
                .getSQL();
    }

    /** Stores them in batches, whose memory doesn't grow with their number. */
    void insert(Session session, String run, long epoch, Collection<NewInstance> instances) throws SQLException {
        OffsetDateTime atOnce = Stored.bind(Instant.EPOCH);
        try (PreparedStatement statement = session.prepare(insert)) {
            int pending = 0;
            for (NewInstance instance : instances) {
                statement.setString(1, run);
                statement.setInt(2, instance.task());
                statement.setInt(3, instance.position());
                statement.setString(4, instance.partition());
                statement.setString(5, instance.state().name());
                statement.setLong(6, epoch);
                statement.setInt(7, 0);
                statement.setObject(8, atOnce);
                statement.setString(9, "");
                statement.addBatch();
                if (++pending == BATCH) {
                    statement.executeBatch();
                    pending = 0;
                }
            }
            if (pending > 0) {
                statement.executeBatch();
            }
        }
    }

    /**
     * Brings every instance that isn't waiting or done under a new epoch. One statement over all three states: a claim or
     * an end that is being committed at the same moment leaves its row in one of them, so the database waits for it and
     * looks again, and no old claim slips through.
     */
    static void takeOver(DSLContext jooq, String run, long epoch) {
        jooq.update(INSTANCES)
                .set(STATE, InstanceState.READY.name())
                .set(EPOCH, epoch)
                .set(
                        ATTEMPT,
                        case_(STATE)
                                .when(inline(InstanceState.FAILED.name()), inline(0))
                                .otherwise(ATTEMPT))
                .set(
                        NOT_BEFORE,
                        case_(STATE)
                                .when(inline(InstanceState.READY.name()), NOT_BEFORE)
                                .otherwise(inline(Instant.EPOCH, NOT_BEFORE)))
                .where(RUN.eq(run))
                .and(in(InstanceState.READY, InstanceState.RUNNING, InstanceState.FAILED))
                .execute();
    }

    static Condition ofTasks(Collection<Integer> tasks) {
        return TASK.in(tasks);
    }

    static List<InstanceKey> runnable(DSLContext jooq, String run, Condition which, Instant now, int atMost) {
        return jooq.select(TASK, POSITION)
                .from(INSTANCES)
                .where(RUN.eq(run))
                .and(in(InstanceState.READY))
                .and(which)
                .and(NOT_BEFORE.le(Stored.instant(now)))
                // The index's columns, all of them: else H2 reads and sorts every ready row.
                .orderBy(RUN, STATE, TASK, POSITION)
                .limit(atMost)
                .fetch(row -> new InstanceKey(run, row.value1(), row.value2()));
    }

    static Optional<Instant> nextRunnableAt(DSLContext jooq, String run) {
        Field<Instant> earliest = min(NOT_BEFORE);
        return jooq.select(earliest)
                .from(INSTANCES)
                .where(RUN.eq(run))
                .and(in(InstanceState.READY))
                .fetchOptional(earliest);
    }

    /** Whether any instance of these tasks has yet to succeed. */
    static boolean anyUnfinished(DSLContext jooq, String run, Collection<Integer> tasks) {
        return !tasks.isEmpty()
                && jooq.fetchExists(jooq.selectOne()
                        .from(INSTANCES)
                        .where(RUN.eq(run))
                        .and(in(
                                InstanceState.WAITING,
                                InstanceState.READY,
                                InstanceState.RUNNING,
                                InstanceState.FAILED))
                        .and(TASK.in(tasks)));
    }

    static int open(DSLContext jooq, String run, long epoch, int task) {
        return jooq.update(INSTANCES)
                .set(STATE, InstanceState.READY.name())
                .set(EPOCH, epoch)
                .where(RUN.eq(run))
                .and(in(InstanceState.WAITING))
                .and(TASK.eq(task))
                .execute();
    }

    /** In pieces, since a statement takes only so many values. */
    static int open(DSLContext jooq, String run, long epoch, int task, Collection<Integer> positions) {
        int opened = 0;
        for (List<Integer> some : Lists.partition(List.copyOf(positions), POSITIONS_A_STATEMENT)) {
            opened += jooq.update(INSTANCES)
                    .set(STATE, InstanceState.READY.name())
                    .set(EPOCH, epoch)
                    .where(RUN.eq(run))
                    .and(in(InstanceState.WAITING))
                    .and(TASK.eq(task))
                    .and(POSITION.in(some))
                    .execute();
        }
        return opened;
    }

    static int reopen(DSLContext jooq, String run, long epoch, Collection<InstanceKey> undone) {
        int reopened = 0;
        Map<Integer, List<Integer>> positions =
                undone.stream().collect(groupingBy(InstanceKey::task, mapping(InstanceKey::position, toList())));
        for (Map.Entry<Integer, List<Integer>> task : positions.entrySet()) {
            // Mostly none of them: to ask for those that there are is much less than to name all that there might be.
            Set<Integer> succeeded = jooq.select(POSITION)
                    .from(INSTANCES)
                    .where(RUN.eq(run))
                    .and(TASK.eq(task.getKey()))
                    .and(in(InstanceState.SUCCEEDED))
                    .fetchSet(POSITION);
            List<Integer> wrong =
                    task.getValue().stream().filter(succeeded::contains).toList();
            for (List<Integer> some : Lists.partition(wrong, POSITIONS_A_STATEMENT)) {
                reopened += jooq.update(INSTANCES)
                        .set(STATE, InstanceState.READY.name())
                        .set(EPOCH, epoch)
                        .set(ATTEMPT, 0)
                        .set(NOT_BEFORE, inline(Instant.EPOCH, NOT_BEFORE))
                        .setNull(STARTED_AT)
                        .setNull(ENDED_AT)
                        .where(RUN.eq(run))
                        .and(TASK.eq(task.getKey()))
                        .and(in(InstanceState.SUCCEEDED))
                        .and(POSITION.in(some))
                        .execute();
            }
        }
        return reopened;
    }

    static void makeWait(DSLContext jooq, String run, long epoch, Collection<Integer> tasks) {
        jooq.update(INSTANCES)
                .set(STATE, InstanceState.WAITING.name())
                .set(EPOCH, epoch)
                .set(ATTEMPT, 0)
                .where(RUN.eq(run))
                .and(TASK.in(tasks))
                .and(in(InstanceState.READY, InstanceState.SUCCEEDED))
                .execute();
    }

    static boolean haveSucceeded(DSLContext jooq, String run, Collection<InstanceKey> keys) {
        return keys.stream()
                .allMatch(key -> jooq.fetchExists(jooq.selectOne()
                        .from(INSTANCES)
                        .where(RUN.eq(run))
                        .and(TASK.eq(key.task()))
                        .and(POSITION.eq(key.position()))
                        .and(in(InstanceState.SUCCEEDED))));
    }

    static List<InstanceRecord> of(DSLContext jooq, String run) {
        return jooq.select(
                        TASK, POSITION, PARTITION, STATE, CLAIMED_BY, ATTEMPT, NOT_BEFORE, ERROR, STARTED_AT, ENDED_AT)
                .from(INSTANCES)
                .where(RUN.eq(run))
                .orderBy(RUN, TASK, POSITION)
                .fetch(row -> record(run, row));
    }

    static List<TaskCount> counts(DSLContext jooq, String run) {
        return jooq.select(TASK, STATE, count())
                .from(INSTANCES)
                .where(RUN.eq(run))
                .groupBy(TASK, STATE)
                .orderBy(TASK, STATE)
                .fetch(row -> new TaskCount(row.value1(), InstanceState.valueOf(row.value2()), row.value3()));
    }

    private static Condition in(InstanceState... states) {
        return STATE.in(Arrays.stream(states).map(state -> inline(state.name())).toList());
    }

    private static InstanceRecord record(String run, Record row) {
        return new InstanceRecord(
                new InstanceKey(run, row.get(TASK), row.get(POSITION)),
                row.get(PARTITION),
                InstanceState.valueOf(row.get(STATE)),
                row.get(CLAIMED_BY),
                row.get(ATTEMPT),
                row.get(NOT_BEFORE),
                row.get(ERROR),
                Optional.ofNullable(row.get(STARTED_AT)),
                Optional.ofNullable(row.get(ENDED_AT)));
    }
}
