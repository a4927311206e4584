package dev.backstitch.state;

import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.sum;
import static org.jooq.impl.DSL.when;

import dev.backstitch.state.RunRecord.LeaseStatus;
import dev.backstitch.state.Tables.HelperTable;
import dev.backstitch.state.Tables.InstanceTable;
import dev.backstitch.state.Tables.PlaceTable;
import dev.backstitch.state.Tables.RunTable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;

/** The rows of helpers and of the places that engines hold. Each method is part of the caller's transaction. */
final class Helpers {
    private static final Field<String> LEASE = when(
                    HelperTable.LEASED_UNTIL.gt(currentInstant()), inline(LeaseStatus.HELD.name()))
            .otherwise(inline(LeaseStatus.EXPIRED.name()))
            .as("lease");

    private Helpers() {}

    /** Under the lock of the run's row. An owner that holds no places yet has not begun, and may still prepare the run. */
    static boolean join(DSLContext jooq, String run, String engine, Duration lease) {
        boolean begun = jooq.fetchExists(selectOne()
                .from(PlaceTable.PLACES)
                .join(RunTable.RUN)
                .on(RunTable.ID.eq(PlaceTable.RUN).and(RunTable.OWNER_ENGINE.eq(PlaceTable.ENGINE)))
                .where(PlaceTable.RUN.eq(run)));
        if (!begun || isOwner(jooq, run, engine)) {
            return false;
        }
        jooq.deleteFrom(HelperTable.HELPERS).where(isHelper(run, engine)).execute();
        return jooq.insertInto(HelperTable.HELPERS)
                        .set(HelperTable.RUN, run)
                        .set(HelperTable.ENGINE, engine)
                        .set(HelperTable.LEASED_UNTIL, Runs.in(lease))
                        .execute()
                == 1;
    }

    static boolean renew(DSLContext jooq, String run, long epoch, String engine, Duration lease) {
        return jooq.update(HelperTable.HELPERS)
                        .set(HelperTable.LEASED_UNTIL, Runs.in(lease))
                        .where(isHelper(run, engine))
                        .and(exists(selectOne()
                                .from(RunTable.RUN)
                                .where(Runs.at(run, epoch))
                                .and(Runs.isActedFor())))
                        .execute()
                == 1;
    }

    /** An engine that has become the run's owner meanwhile keeps its places. */
    static int leave(DSLContext jooq, String run, String engine) {
        Runs.lock(jooq, run);
        if (!isOwner(jooq, run, engine)) {
            jooq.deleteFrom(PlaceTable.PLACES)
                    .where(PlaceTable.RUN.eq(run))
                    .and(PlaceTable.ENGINE.eq(engine))
                    .execute();
        }
        return jooq.deleteFrom(HelperTable.HELPERS).where(isHelper(run, engine)).execute();
    }

    /** When the run has ended, or is taken over: who wants to go on helping joins anew, under the new epoch. */
    static void dismiss(DSLContext jooq, String run) {
        jooq.deleteFrom(PlaceTable.PLACES).where(PlaceTable.RUN.eq(run)).execute();
        jooq.deleteFrom(HelperTable.HELPERS).where(HelperTable.RUN.eq(run)).execute();
    }

    static List<Helper> of(DSLContext jooq, String run) {
        Map<String, Integer> running = new HashMap<>(jooq.select(InstanceTable.CLAIMED_BY, count())
                .from(InstanceTable.INSTANCES)
                .join(RunTable.RUN)
                .on(RunTable.ID.eq(InstanceTable.RUN))
                .where(InstanceTable.RUN.eq(run))
                .and(InstanceTable.STATE.eq(inline(InstanceState.RUNNING.name())))
                .and(InstanceTable.CLAIMED_BY.ne(RunTable.OWNER_ENGINE))
                .groupBy(InstanceTable.CLAIMED_BY)
                .fetchMap(InstanceTable.CLAIMED_BY, count()));
        List<Helper> helpers = new ArrayList<>(jooq.select(HelperTable.ENGINE, LEASE)
                .from(HelperTable.HELPERS)
                .where(HelperTable.RUN.eq(run))
                .orderBy(HelperTable.ENGINE)
                .fetch(row -> helper(row.value1(), LeaseStatus.valueOf(row.value2()), running.remove(row.value1()))));
        running.forEach((engine, instances) -> helpers.add(new Helper(engine, LeaseStatus.EXPIRED, instances)));
        return helpers;
    }

    private static Helper helper(String engine, LeaseStatus lease, @org.jspecify.annotations.Nullable Integer running) {
        return new Helper(engine, lease, running == null ? 0 : running);
    }

    private static boolean isOwner(DSLContext jooq, String run, String engine) {
        return jooq.fetchExists(
                selectOne().from(RunTable.RUN).where(RunTable.ID.eq(run)).and(RunTable.OWNER_ENGINE.eq(engine)));
    }

    /** Under the lock of the run's row, so that two engines never count the same free place. */
    static int hold(DSLContext jooq, String run, int task, String engine, int wanted, int limit) {
        if (!isOwner(jooq, run, engine)
                && !jooq.fetchExists(selectOne().from(HelperTable.HELPERS).where(isHelper(run, engine)))) {
            return 0;
        }
        Condition ofTask = PlaceTable.RUN.eq(run).and(PlaceTable.TASK.eq(task));
        int others = jooq.select(coalesce(sum(PlaceTable.HELD), inline(BigDecimal.ZERO)))
                .from(PlaceTable.PLACES)
                .where(ofTask)
                .and(PlaceTable.ENGINE.ne(engine))
                .fetchSingle()
                .value1()
                .intValue();
        int held = Math.max(0, Math.min(wanted, limit - others));
        int updated = jooq.update(PlaceTable.PLACES)
                .set(PlaceTable.HELD, held)
                .where(ofTask)
                .and(PlaceTable.ENGINE.eq(engine))
                .execute();
        if (updated == 0) {
            jooq.insertInto(PlaceTable.PLACES)
                    .set(PlaceTable.RUN, run)
                    .set(PlaceTable.TASK, task)
                    .set(PlaceTable.ENGINE, engine)
                    .set(PlaceTable.HELD, held)
                    .execute();
        }
        return held;
    }

    private static Condition isHelper(String run, String engine) {
        return HelperTable.RUN.eq(run).and(HelperTable.ENGINE.eq(engine));
    }
}
