package dev.backstitch.state;

import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.currentInstant;

import dev.backstitch.state.Tables.PoolTable;
import dev.backstitch.state.Tables.RunTable;
import dev.backstitch.state.Tables.SlotTable;
import dev.backstitch.state.Tables.TicketTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record2;

/**
 * The rows of pools, of the slots that running instances take in them, and of the tickets by which runs wait for one. Each
 * method is part of the caller's transaction.
 *
 * <p>A run that keeps its lanes busy can't keep the others out for as long as it lasts: once somebody has waited for two
 * seconds, a free slot goes to the run that has the fewest, and of those to the one that has waited longest. Not sooner,
 * since whoever waits in another engine looks twice a second, and slots would lie idle between short instances.
 */
final class Gates {
    /** Whoever waits asks again twice a second; who has stopped asking is not waited for. */
    private static final Duration TICKET = Duration.ofSeconds(3);

    private static final Duration TURN = Duration.ofSeconds(2);

    private Gates() {}

    /**
     * Locks the gates and looks whether each lets one more of a run pass. One that doesn't gets a ticket.
     *
     * @return what holds it, or nothing
     */
    static Optional<Claiming.Held> hold(DSLContext jooq, Collection<Gate> gates, String run) {
        for (Gate gate : inOrder(gates)) {
            Optional<Claiming.Held> held = look(jooq, gate, run);
            if (held.isPresent()) {
                return held;
            }
        }
        return Optional.empty();
    }

    /** Takes a slot in each gate that has places, and notes when the next may begin where there is a spacing. */
    static void pass(DSLContext jooq, Collection<Gate> gates, InstanceKey key) {
        for (Gate gate : inOrder(gates)) {
            if (gate.places().isPresent()) {
                jooq.insertInto(SlotTable.SLOTS)
                        .set(SlotTable.POOL, gate.name())
                        .set(SlotTable.RUN, key.run())
                        .set(SlotTable.TASK, key.task())
                        .set(SlotTable.POSITION, key.position())
                        .execute();
                jooq.deleteFrom(TicketTable.TICKETS)
                        .where(TicketTable.POOL.eq(gate.name()))
                        .and(TicketTable.RUN.eq(key.run()))
                        .execute();
            }
            gate.spacing()
                    .ifPresent(spacing -> jooq.update(PoolTable.POOLS)
                            .set(PoolTable.NEXT_START, Runs.in(spacing))
                            .where(PoolTable.NAME.eq(gate.name()))
                            .execute());
        }
    }

    /** Gives back what an instance took. */
    static void leave(DSLContext jooq, InstanceKey key) {
        jooq.deleteFrom(SlotTable.SLOTS)
                .where(SlotTable.RUN.eq(key.run()))
                .and(SlotTable.TASK.eq(key.task()))
                .and(SlotTable.POSITION.eq(key.position()))
                .execute();
    }

    /** When a run has ended, or is taken over and nothing of it runs. */
    static void leave(DSLContext jooq, String run) {
        jooq.deleteFrom(SlotTable.SLOTS).where(SlotTable.RUN.eq(run)).execute();
        jooq.deleteFrom(TicketTable.TICKETS).where(TicketTable.RUN.eq(run)).execute();
        // Those that no other run ever names.
        jooq.deleteFrom(PoolTable.POOLS)
                .where(PoolTable.NAME.eq(Gate.ofRun(run, 1).name()).or(PoolTable.NAME.startsWith(Gate.ratesOf(run))))
                .execute();
    }

    /** The pools for which a run waits now. */
    static List<String> waitsFor(DSLContext jooq, String run) {
        return jooq.select(TicketTable.POOL)
                .from(TicketTable.TICKETS)
                .where(TicketTable.RUN.eq(run))
                .and(TicketTable.POOL.ne(Gate.ofRun(run, 1).name()))
                .and(TicketTable.GOOD_UNTIL.gt(currentInstant()))
                .orderBy(TicketTable.POOL)
                .fetch(TicketTable.POOL);
    }

    /** All callers in one order, so that none waits for the other. */
    private static List<Gate> inOrder(Collection<Gate> gates) {
        return gates.stream().sorted(Comparator.comparing(Gate::name)).toList();
    }

    private static Optional<Claiming.Held> look(DSLContext jooq, Gate gate, String run) {
        Record2<Instant, Instant> row = lock(jooq, gate);
        Instant next = row.value1();
        Instant now = row.value2();
        if (gate.spacing().isPresent() && next != null && next.isAfter(now)) {
            return Optional.of(new Claiming.Held(gate, Optional.of(Duration.between(now, next))));
        }
        if (gate.places().isPresent() && !isItsTurn(jooq, gate, run)) {
            queue(jooq, gate, run);
            return Optional.of(new Claiming.Held(gate, Optional.empty()));
        }
        return Optional.empty();
    }

    private static Record2<Instant, Instant> lock(DSLContext jooq, Gate gate) {
        return locked(jooq, gate).orElseGet(() -> {
            // Of several that name it first, one makes it.
            Schema.lockRow(jooq);
            if (!jooq.fetchExists(PoolTable.POOLS, PoolTable.NAME.eq(gate.name()))) {
                jooq.insertInto(PoolTable.POOLS)
                        .set(PoolTable.NAME, gate.name())
                        .execute();
            }
            return locked(jooq, gate).orElseThrow();
        });
    }

    private static Optional<Record2<Instant, Instant>> locked(DSLContext jooq, Gate gate) {
        return jooq.select(PoolTable.NEXT_START, currentInstant())
                .from(PoolTable.POOLS)
                .where(PoolTable.NAME.eq(gate.name()))
                .forUpdate()
                .fetchOptional();
    }

    /** Those that come first may have a free slot each before this run has one. */
    private static boolean isItsTurn(DSLContext jooq, Gate gate, String run) {
        Map<String, Integer> taken = new HashMap<>(jooq.select(SlotTable.RUN, count())
                .from(SlotTable.SLOTS)
                .join(RunTable.RUN)
                .on(RunTable.ID.eq(SlotTable.RUN))
                .where(SlotTable.POOL.eq(gate.name()))
                .and(isHeld())
                .groupBy(SlotTable.RUN)
                .fetchMap(SlotTable.RUN, count()));
        int free = gate.places().orElseThrow()
                - taken.values().stream().mapToInt(Integer::intValue).sum();
        return free > 0 && before(jooq, gate, run, taken) < free;
    }

    private static long before(DSLContext jooq, Gate gate, String run, Map<String, Integer> taken) {
        Map<String, Instant> tickets = jooq.select(TicketTable.RUN, TicketTable.SINCE)
                .from(TicketTable.TICKETS)
                .join(RunTable.RUN)
                .on(RunTable.ID.eq(TicketTable.RUN))
                .where(TicketTable.POOL.eq(gate.name()))
                .and(TicketTable.GOOD_UNTIL.gt(currentInstant()))
                .and(TicketTable.SINCE.le(Runs.in(TURN.negated())))
                .and(isHeld())
                .fetchMap(TicketTable.RUN, TicketTable.SINCE);
        Instant mine = tickets.getOrDefault(run, Instant.MAX);
        int have = taken.getOrDefault(run, 0);
        return tickets.entrySet().stream()
                .filter(other -> !other.getKey().equals(run))
                .filter(other -> {
                    int theirs = taken.getOrDefault(other.getKey(), 0);
                    return theirs < have || (theirs == have && other.getValue().isBefore(mine));
                })
                .count();
    }

    /** Whoever lost his lease was cut off, or has died, and runs nothing any more. */
    private static Condition isHeld() {
        return Runs.isActedFor().and(RunTable.LEASED_UNTIL.gt(currentInstant()));
    }

    private static void queue(DSLContext jooq, Gate gate, String run) {
        int waiting = jooq.update(TicketTable.TICKETS)
                .set(TicketTable.GOOD_UNTIL, Runs.in(TICKET))
                .where(TicketTable.POOL.eq(gate.name()))
                .and(TicketTable.RUN.eq(run))
                .and(TicketTable.GOOD_UNTIL.gt(currentInstant()))
                .execute();
        if (waiting == 0) {
            jooq.deleteFrom(TicketTable.TICKETS)
                    .where(TicketTable.POOL.eq(gate.name()))
                    .and(TicketTable.RUN.eq(run))
                    .execute();
            jooq.insertInto(TicketTable.TICKETS)
                    .set(TicketTable.POOL, gate.name())
                    .set(TicketTable.RUN, run)
                    .set(TicketTable.SINCE, currentInstant())
                    .set(TicketTable.GOOD_UNTIL, Runs.in(TICKET))
                    .execute();
        }
    }
}
