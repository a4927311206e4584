package dev.backstitch.state;

import dev.backstitch.state.NoticeRecord.State;
import dev.backstitch.state.Tables.NoticeTable;
import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** The rows of notices. Each method is part of the caller's transaction. */
final class Notices {
    private Notices() {}

    static List<NoticeRecord> pending(DSLContext jooq, String channel) {
        return where(jooq, NoticeTable.CHANNEL.eq(channel).and(NoticeTable.STATE.eq(State.PENDING.name())));
    }

    static List<NoticeRecord> of(DSLContext jooq, String run) {
        return where(jooq, NoticeTable.RUN.eq(run));
    }

    private static List<NoticeRecord> where(DSLContext jooq, Condition condition) {
        return jooq.select(
                        NoticeTable.CHANNEL,
                        NoticeTable.KEY,
                        NoticeTable.RUN,
                        NoticeTable.KIND,
                        NoticeTable.TEXT,
                        NoticeTable.AT,
                        NoticeTable.STATE,
                        NoticeTable.ATTEMPTS,
                        NoticeTable.NEXT_AT,
                        NoticeTable.ERROR)
                .from(NoticeTable.NOTICES)
                .where(condition)
                .orderBy(NoticeTable.AT, NoticeTable.KEY, NoticeTable.CHANNEL)
                .fetch(row -> new NoticeRecord(
                        row.value1(),
                        row.value2(),
                        row.value3(),
                        row.value4(),
                        row.value5(),
                        row.value6(),
                        State.valueOf(row.value7()),
                        row.value8(),
                        row.value9(),
                        row.value10()));
    }

    /** Under the lock of the run's row; false when it was noticed before. */
    static boolean add(DSLContext jooq, NoticeRecord notice) {
        Runs.lock(jooq, notice.run());
        if (jooq.fetchExists(jooq.selectOne().from(NoticeTable.NOTICES).where(is(notice)))) {
            return false;
        }
        return jooq.insertInto(NoticeTable.NOTICES)
                        .set(NoticeTable.CHANNEL, notice.channel())
                        .set(NoticeTable.KEY, notice.key())
                        .set(NoticeTable.RUN, notice.run())
                        .set(NoticeTable.KIND, notice.kind())
                        .set(NoticeTable.TEXT, notice.text())
                        .set(NoticeTable.AT, notice.at())
                        .set(NoticeTable.STATE, notice.state().name())
                        .set(NoticeTable.ATTEMPTS, notice.attempts())
                        .set(NoticeTable.NEXT_AT, notice.nextAt())
                        .set(NoticeTable.ERROR, notice.error())
                        .execute()
                == 1;
    }

    /** Of several engines that find it due, one tells it. */
    static boolean claim(DSLContext jooq, NoticeRecord due, Instant nextAt) {
        return jooq.update(NoticeTable.NOTICES)
                        .set(NoticeTable.NEXT_AT, nextAt)
                        .set(NoticeTable.ATTEMPTS, NoticeTable.ATTEMPTS.plus(1))
                        .where(is(due))
                        .and(NoticeTable.STATE.eq(State.PENDING.name()))
                        .and(NoticeTable.NEXT_AT.eq(due.nextAt()))
                        .execute()
                == 1;
    }

    static int outcome(DSLContext jooq, NoticeRecord notice, State state, String error) {
        return jooq.update(NoticeTable.NOTICES)
                .set(NoticeTable.STATE, state.name())
                .set(NoticeTable.ERROR, error)
                .where(is(notice))
                .execute();
    }

    private static Condition is(NoticeRecord notice) {
        return NoticeTable.CHANNEL.eq(notice.channel()).and(NoticeTable.KEY.eq(notice.key()));
    }
}
