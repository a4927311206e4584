package dev.backstitch.state;

import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.sum;

import dev.backstitch.state.Tables.FailureTable;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;

/**
 * How often instances have failed, by whose fault it was. Apart from the instances' rows, which every claim rewrites. Each
 * method is part of the caller's transaction.
 */
final class Failures {
    private Failures() {}

    /** Only who has claimed an instance counts its failures: there is never another who does so at the same time. */
    static void count(DSLContext jooq, InstanceKey key, Budget budget) {
        Condition one = of(key).and(FailureTable.BUDGET.eq(budget.name()));
        int counted = jooq.update(FailureTable.FAILURES)
                .set(FailureTable.COUNT, FailureTable.COUNT.plus(1))
                .where(one)
                .execute();
        if (counted == 0) {
            jooq.insertInto(FailureTable.FAILURES)
                    .set(FailureTable.RUN, key.run())
                    .set(FailureTable.TASK, key.task())
                    .set(FailureTable.POSITION, key.position())
                    .set(FailureTable.BUDGET, budget.name())
                    .set(FailureTable.COUNT, 1)
                    .execute();
        }
    }

    static Map<Budget, Integer> of(DSLContext jooq, InstanceKey key) {
        Map<Budget, Integer> counts = new EnumMap<>(Budget.class);
        jooq.select(FailureTable.BUDGET, FailureTable.COUNT)
                .from(FailureTable.FAILURES)
                .where(of(key))
                .forEach(row -> counts.put(Budget.valueOf(row.value1()), row.value2()));
        return counts;
    }

    static long ofTask(DSLContext jooq, String run, int task) {
        return jooq.select(coalesce(sum(FailureTable.COUNT), inline(BigDecimal.ZERO)))
                .from(FailureTable.FAILURES)
                .where(FailureTable.RUN.eq(run))
                .and(FailureTable.TASK.eq(task))
                .fetchSingle()
                .value1()
                .longValue();
    }

    /** A run that is taken over begins with its whole budgets. */
    static void forget(DSLContext jooq, String run) {
        jooq.deleteFrom(FailureTable.FAILURES).where(FailureTable.RUN.eq(run)).execute();
    }

    private static Condition of(InstanceKey key) {
        return FailureTable.RUN
                .eq(key.run())
                .and(FailureTable.TASK.eq(key.task()))
                .and(FailureTable.POSITION.eq(key.position()));
    }
}
