package dev.backstitch.examples.benchmark;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.time.LocalDate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A dag whose merges do nothing, and an engine that runs it at default settings. */
final class Nothing {
    static final int LANES = 4;
    private static final LocalDate FIRST = LocalDate.of(1700, 1, 1);

    private Nothing() {}

    static Dag of(int instances) {
        return dag("nothing-" + instances)
                .run(backfill("nothing")
                        .owner("benchmark")
                        .because("the engine's own cost is measured")
                        .target(table("bench.nothing"))
                        .scope(days("day").from(FIRST).to(FIRST.plusDays(instances)))
                        .shadow(scopeOfTarget())
                        .merge("select id, day from source where day = :day")
                        .keyedBy("id")
                        .limits(concurrency(LANES))
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(Duration.ofDays(1))));
    }

    static Backstitch engine(StateStore state, RunListener listener) {
        return engine(new NoWork(), state, listener);
    }

    /** @param ledger which remembers what other engines did */
    static Backstitch engine(NoWork ledger, StateStore state, RunListener listener) {
        return Backstitch.open(BackstitchConfig.of(ledger, state).listener(listener));
    }

    /** From the first merge to the last, as a listener hears them; planning and storing the run are not counted. */
    static final class Pace implements RunListener {
        private final AtomicLong first = new AtomicLong();
        private final AtomicLong last = new AtomicLong();
        private final AtomicInteger done = new AtomicInteger();

        @Override
        public void on(RunEvent event) {
            if (event instanceof RunEvent.TaskSucceeded succeeded
                    && succeeded.task().equals("merge")) {
                long now = System.nanoTime();
                first.compareAndSet(0, now);
                last.accumulateAndGet(now, Math::max);
                done.incrementAndGet();
            }
        }

        int done() {
            return done.get();
        }

        double rate(int instances) {
            return instances * 1e9 / (last.get() - first.get());
        }
    }

    static void requirePublished(RunResult result) {
        if (result.state() != RunState.PUBLISHED) {
            throw new IllegalStateException(result.toString());
        }
    }
}
