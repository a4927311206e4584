package dev.backstitch.state;

import dev.backstitch.state.Tables.WatchTable;
import dev.backstitch.state.WatchRecord.State;
import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** The rows of watches. Each method is part of the caller's transaction. */
final class Watches {
    private Watches() {}

    static List<WatchRecord> all(DSLContext jooq) {
        return where(jooq, DSL.noCondition());
    }

    static List<WatchRecord> due(DSLContext jooq, Instant now) {
        return where(jooq, WatchTable.STATE.eq(State.WATCHING.name()).and(WatchTable.NEXT_AT.le(now)));
    }

    private static List<WatchRecord> where(DSLContext jooq, Condition condition) {
        return jooq.select(
                        WatchTable.RUN,
                        WatchTable.BACKFILL,
                        WatchTable.STATE,
                        WatchTable.NEXT_AT,
                        WatchTable.UNTIL,
                        WatchTable.LOOKS,
                        WatchTable.BREACHES,
                        WatchTable.LAST)
                .from(WatchTable.WATCHES)
                .where(condition)
                .orderBy(WatchTable.UNTIL.desc(), WatchTable.RUN, WatchTable.BACKFILL)
                .fetch(row -> new WatchRecord(
                        row.value1(),
                        row.value2(),
                        State.valueOf(row.value3()),
                        row.value4(),
                        row.value5(),
                        row.value6(),
                        row.value7(),
                        row.value8()));
    }

    /** Under the lock of the run's row; again for the same backfill it changes nothing. */
    static int begin(DSLContext jooq, String run, String backfill, Instant nextAt, Instant until) {
        Runs.lock(jooq, run);
        if (jooq.fetchExists(jooq.selectOne().from(WatchTable.WATCHES).where(isOf(run, backfill)))) {
            return 0;
        }
        return jooq.insertInto(WatchTable.WATCHES)
                .set(WatchTable.RUN, run)
                .set(WatchTable.BACKFILL, backfill)
                .set(WatchTable.STATE, State.WATCHING.name())
                .set(WatchTable.NEXT_AT, nextAt)
                .set(WatchTable.UNTIL, until)
                .set(WatchTable.LOOKS, 0)
                .set(WatchTable.BREACHES, 0)
                .set(WatchTable.LAST, "")
                .execute();
    }

    /** Of several engines that find it due, one looks. */
    static boolean claim(DSLContext jooq, WatchRecord due, Instant nextAt) {
        return jooq.update(WatchTable.WATCHES)
                        .set(WatchTable.NEXT_AT, nextAt)
                        .where(isOf(due.run(), due.backfill()))
                        .and(WatchTable.STATE.eq(State.WATCHING.name()))
                        .and(WatchTable.NEXT_AT.eq(due.nextAt()))
                        .execute()
                == 1;
    }

    static int looked(DSLContext jooq, WatchRecord watch, boolean breach, String last) {
        return jooq.update(WatchTable.WATCHES)
                .set(WatchTable.LOOKS, WatchTable.LOOKS.plus(1))
                .set(WatchTable.BREACHES, WatchTable.BREACHES.plus(breach ? 1 : 0))
                .set(WatchTable.LAST, last)
                .where(isOf(watch.run(), watch.backfill()))
                .execute();
    }

    static boolean end(DSLContext jooq, WatchRecord watch, String why) {
        return jooq.update(WatchTable.WATCHES)
                        .set(WatchTable.STATE, State.ENDED.name())
                        .set(WatchTable.LAST, why)
                        .where(isOf(watch.run(), watch.backfill()))
                        .and(WatchTable.STATE.eq(State.WATCHING.name()))
                        .execute()
                == 1;
    }

    private static Condition isOf(String run, String backfill) {
        return WatchTable.RUN.eq(run).and(WatchTable.BACKFILL.eq(backfill));
    }
}
