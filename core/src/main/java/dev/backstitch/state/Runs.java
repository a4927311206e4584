package dev.backstitch.state;

import static dev.backstitch.state.Tables.RunTable.ACTOR;
import static dev.backstitch.state.Tables.RunTable.CREATED_AT;
import static dev.backstitch.state.Tables.RunTable.DAG;
import static dev.backstitch.state.Tables.RunTable.ENDED_AT;
import static dev.backstitch.state.Tables.RunTable.EPOCH;
import static dev.backstitch.state.Tables.RunTable.FAILURE;
import static dev.backstitch.state.Tables.RunTable.ID;
import static dev.backstitch.state.Tables.RunTable.LEASED_UNTIL;
import static dev.backstitch.state.Tables.RunTable.OWNER_ENGINE;
import static dev.backstitch.state.Tables.RunTable.OWNER_HOST;
import static dev.backstitch.state.Tables.RunTable.OWNER_PID;
import static dev.backstitch.state.Tables.RunTable.OWNER_PROCESS_START;
import static dev.backstitch.state.Tables.RunTable.PLAN_SHA;
import static dev.backstitch.state.Tables.RunTable.RUN;
import static dev.backstitch.state.Tables.RunTable.STATE;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import dev.backstitch.state.RunRecord.LeaseStatus;
import dev.backstitch.state.Tables.PlanTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectJoinStep;
import org.jooq.types.DayToSecond;

/** The rows of runs, their plans and leases. Each method is part of the caller's transaction. */
final class Runs {
    private static final Field<String> LEASE = when(
                    isActedFor().and(LEASED_UNTIL.gt(currentInstant())), inline(LeaseStatus.HELD.name()))
            .otherwise(inline(LeaseStatus.EXPIRED.name()))
            .as("lease");

    private Runs() {}

    static void insert(DSLContext jooq, NewRun run, long epoch, RunState state, String failure) {
        jooq.insertInto(RUN)
                .set(ID, run.id())
                .set(DAG, run.dag())
                .set(ACTOR, run.actor())
                .set(PLAN_SHA, run.planSha())
                .set(STATE, state.name())
                .set(EPOCH, epoch)
                .set(FAILURE, Stored.message(failure))
                .set(OWNER_ENGINE, run.owner().engine())
                .set(OWNER_HOST, run.owner().host())
                .set(OWNER_PID, run.owner().pid())
                .set(OWNER_PROCESS_START, Stored.instant(run.owner().processStart()))
                .set(LEASED_UNTIL, in(run.lease()))
                .set(CREATED_AT, Stored.instant(run.createdAt()))
                .set(
                        ENDED_AT,
                        state.isActedFor()
                                ? val((Instant) null, ENDED_AT)
                                : val(Stored.instant(run.createdAt()), ENDED_AT))
                .execute();
        jooq.insertInto(PlanTable.PLAN)
                .set(PlanTable.RUN, run.id())
                .set(PlanTable.TEXT, run.plan())
                .execute();
    }

    static Optional<RunRecord> find(DSLContext jooq, String id) {
        return select(jooq).where(ID.eq(id)).fetchOptional(Runs::record);
    }

    static List<RunRecord> actedFor(DSLContext jooq) {
        return select(jooq).where(isActedFor()).orderBy(CREATED_AT, ID).fetch(Runs::record);
    }

    /** The run of a dag for which somebody acts whose lease holds. */
    static Optional<RunRecord> heldOf(DSLContext jooq, String dag) {
        return select(jooq)
                .where(DAG.eq(dag))
                .and(isActedFor())
                .and(LEASED_UNTIL.gt(currentInstant()))
                .limit(1)
                .fetchOptional(Runs::record);
    }

    static List<RunRecord> newestFirst(DSLContext jooq) {
        return select(jooq).orderBy(CREATED_AT.desc(), ID.desc()).fetch(Runs::record);
    }

    static Optional<String> plan(DSLContext jooq, String run) {
        return jooq.select(PlanTable.TEXT)
                .from(PlanTable.PLAN)
                .where(PlanTable.RUN.eq(run))
                .fetchOptional(PlanTable.TEXT);
    }

    /** The run's row alone; the instances' rows follow in the same transaction. */
    static boolean takeOver(
            DSLContext jooq, String run, long epoch, Owner owner, Duration lease, Owner evenIfLeasedTo) {
        return jooq.update(RUN)
                        .set(EPOCH, epoch + 1)
                        // Until the run is given up, nothing else remembers that this was wanted; and who takes a run
                        // over
                        // from itself does not do so for a person who has thought better of his pause.
                        .set(
                                STATE,
                                when(
                                                STATE.eq(inline(RunState.CANCELLING.name()))
                                                        .or(STATE.in(
                                                                        inline(RunState.PAUSING.name()),
                                                                        inline(RunState.FAILING.name()))
                                                                .and(ownedBy(owner))),
                                                STATE)
                                        .otherwise(inline(RunState.RUNNING.name())))
                        .set(FAILURE, "")
                        .setNull(ENDED_AT)
                        .set(OWNER_ENGINE, owner.engine())
                        .set(OWNER_HOST, owner.host())
                        .set(OWNER_PID, owner.pid())
                        .set(OWNER_PROCESS_START, Stored.instant(owner.processStart()))
                        .set(LEASED_UNTIL, in(lease))
                        .where(at(run, epoch))
                        .and(STATE.notIn(inline(RunState.ROLLED_BACK.name()), inline(RunState.CANCELLED.name())))
                        .and(isActedFor()
                                .not()
                                .or(LEASED_UNTIL.le(currentInstant()))
                                .or(ownedBy(evenIfLeasedTo)))
                        .execute()
                == 1;
    }

    static boolean renew(DSLContext jooq, String run, long epoch, Duration lease) {
        return jooq.update(RUN)
                        .set(LEASED_UNTIL, in(lease))
                        .where(at(run, epoch))
                        .and(isActedFor())
                        .execute()
                == 1;
    }

    static boolean transition(
            DSLContext jooq,
            String run,
            long epoch,
            Collection<RunState> from,
            RunState to,
            String failure,
            Instant now) {
        Field<Instant> endedAt = to.isActedFor()
                ? val((Instant) null, ENDED_AT)
                : when(isActedFor(), val(Stored.instant(now), ENDED_AT)).otherwise(ENDED_AT);
        return jooq.update(RUN)
                        .set(STATE, to.name())
                        .set(FAILURE, Stored.message(failure))
                        .set(ENDED_AT, endedAt)
                        .set(LEASED_UNTIL, to.isActedFor() ? LEASED_UNTIL : currentInstant())
                        .where(at(run, epoch))
                        .and(STATE.in(from.stream().map(Enum::name).toList()))
                        .execute()
                == 1;
    }

    /**
     * Locks a run's row until the transaction's end if it is running under this epoch, so that no take-over comes between
     * this and the writes that follow.
     */
    static boolean lock(DSLContext jooq, String run, long epoch) {
        return jooq.select(ID)
                .from(RUN)
                .where(at(run, epoch))
                .and(isRunning())
                .forUpdate()
                .fetchOptional()
                .isPresent();
    }

    /** Locks a run's row until the transaction's end, in whatever state it is. */
    static void lock(DSLContext jooq, String run) {
        jooq.select(ID).from(RUN).where(ID.eq(run)).forUpdate().fetch();
    }

    static Condition isRunning() {
        return STATE.eq(inline(RunState.RUNNING.name()));
    }

    static Condition isActedFor() {
        return STATE.in(Stream.of(RunState.values())
                .filter(RunState::isActedFor)
                .map(state -> inline(state.name()))
                .toList());
    }

    static Condition at(String run, long epoch) {
        return ID.eq(run).and(EPOCH.eq(epoch));
    }

    private static Condition ownedBy(Owner owner) {
        return OWNER_ENGINE.eq(owner.engine()).and(OWNER_HOST.eq(owner.host())).and(OWNER_PID.eq(owner.pid()));
    }

    /** So long from now, by the database's clock. */
    static Field<Instant> in(Duration lease) {
        return currentInstant().plus(DayToSecond.valueOf(lease));
    }

    private static SelectJoinStep<? extends Record> select(DSLContext jooq) {
        return jooq.select(
                        ID,
                        DAG,
                        ACTOR,
                        PLAN_SHA,
                        STATE,
                        EPOCH,
                        FAILURE,
                        OWNER_ENGINE,
                        OWNER_HOST,
                        OWNER_PID,
                        OWNER_PROCESS_START,
                        LEASED_UNTIL,
                        LEASE,
                        CREATED_AT,
                        ENDED_AT)
                .from(RUN);
    }

    private static RunRecord record(Record row) {
        return new RunRecord(
                row.get(ID),
                row.get(DAG),
                row.get(ACTOR),
                row.get(PLAN_SHA),
                RunState.valueOf(row.get(STATE)),
                row.get(EPOCH),
                row.get(FAILURE),
                new Owner(row.get(OWNER_ENGINE), row.get(OWNER_HOST), row.get(OWNER_PID), row.get(OWNER_PROCESS_START)),
                row.get(LEASED_UNTIL),
                LeaseStatus.valueOf(row.get(LEASE)),
                row.get(CREATED_AT),
                Optional.ofNullable(row.get(ENDED_AT)));
    }
}
