package dev.backstitch.state;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.HoldRecord.State;
import dev.backstitch.state.Tables.HoldTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** The rows of holds. Each method is part of the caller's transaction. */
final class Holdings {
    private Holdings() {}

    static List<HoldRecord> all(DSLContext jooq) {
        return where(jooq, DSL.noCondition());
    }

    private static List<HoldRecord> where(DSLContext jooq, Condition condition) {
        return jooq.select(HoldTable.RUN, HoldTable.NAME, HoldTable.STATE, HoldTable.NOTE, HoldTable.SINCE)
                .from(HoldTable.HOLDS)
                .where(condition)
                .orderBy(HoldTable.RUN, HoldTable.NAME)
                .fetch(row -> new HoldRecord(
                        row.value1(), row.value2(), State.valueOf(row.value3()), row.value4(), row.value5()));
    }

    /** Under the store's lock: of several runs that hold one thing, the last one releases it. */
    static HoldRecord want(DSLContext jooq, String run, String hold, boolean atRest, String note, Instant now) {
        Schema.lockRow(jooq);
        Optional<HoldRecord> own = where(jooq, isOf(run, hold)).stream().findFirst();
        if (own.isPresent()) {
            jooq.update(HoldTable.HOLDS)
                    .set(HoldTable.STATE, State.WANTED.name())
                    .where(isOf(run, hold))
                    .and(HoldTable.STATE.eq(State.RELEASING.name()))
                    .execute();
            return where(jooq, isOf(run, hold)).get(0);
        }
        List<HoldRecord> others = where(jooq, HoldTable.NAME.eq(hold));
        others.stream()
                .filter(other -> other.state() == State.RELEASING)
                .findFirst()
                .ifPresent(other -> {
                    throw new BackstitchException(
                            ErrorCode.NOT_HELD,
                            hold + " can't be held for run " + run + " yet: run " + other.run()
                                    + " is about to release it. Nothing was changed. It is tried again.");
                });
        Optional<HoldRecord> shared =
                others.stream().filter(HoldRecord::isWanted).findFirst();
        State state = shared.isEmpty() && atRest ? State.FOUND : State.WANTED;
        HoldRecord row =
                new HoldRecord(run, hold, state, shared.map(HoldRecord::note).orElse(note), now);
        jooq.insertInto(HoldTable.HOLDS)
                .set(HoldTable.RUN, row.run())
                .set(HoldTable.NAME, row.hold())
                .set(HoldTable.STATE, row.state().name())
                .set(HoldTable.NOTE, row.note())
                .set(HoldTable.SINCE, row.since())
                .execute();
        return row;
    }

    static boolean held(DSLContext jooq, String run, String hold) {
        return jooq.update(HoldTable.HOLDS)
                        .set(HoldTable.STATE, State.HELD.name())
                        .where(isOf(run, hold))
                        .and(HoldTable.STATE.in(State.WANTED.name(), State.HELD.name()))
                        .execute()
                == 1;
    }

    /**
     * Under the store's lock and that of the run's row; nothing when somebody else still wants it held, it is not ours to
     * release, or somebody who lives acts for the run under another epoch, who holds it.
     */
    static Optional<HoldRecord> releasing(DSLContext jooq, String run, String hold, long epoch) {
        Schema.lockRow(jooq);
        Runs.lock(jooq, run);
        if (Runs.find(jooq, run)
                .filter(found -> found.state().isActedFor()
                        && found.lease() == RunRecord.LeaseStatus.HELD
                        && found.epoch() != epoch)
                .isPresent()) {
            return Optional.empty();
        }
        Optional<HoldRecord> own = where(jooq, isOf(run, hold)).stream().findFirst();
        boolean others = where(jooq, HoldTable.NAME.eq(hold).and(HoldTable.RUN.ne(run))).stream()
                .anyMatch(HoldRecord::isWanted);
        if (own.isEmpty() || own.get().state() == State.FOUND || others) {
            jooq.deleteFrom(HoldTable.HOLDS).where(isOf(run, hold)).execute();
            return Optional.empty();
        }
        jooq.update(HoldTable.HOLDS)
                .set(HoldTable.STATE, State.RELEASING.name())
                .where(isOf(run, hold))
                .execute();
        return own;
    }

    /** Not what the run has wanted anew meanwhile: else it would be held, and nobody knew. */
    static int released(DSLContext jooq, String run, String hold) {
        return jooq.deleteFrom(HoldTable.HOLDS)
                .where(isOf(run, hold))
                .and(HoldTable.STATE.in(State.RELEASING.name(), State.FOUND.name()))
                .execute();
    }

    private static Condition isOf(String run, String hold) {
        return HoldTable.RUN.eq(run).and(HoldTable.NAME.eq(hold));
    }
}
