package dev.backstitch.report;

import dev.backstitch.Samples;
import dev.backstitch.plan.BuildGate;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.plan.Tasks;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.SqlTask;
import java.time.Clock;
import java.util.List;

/** Dags of every shape that a picture has to cope with, as their tasks. */
final class Dags {
    static final String HOSTILE = "a\"b<c>&d";

    private static final Backfill COSTS = Samples.backfill("costs");
    private static final Backfill ORDERS = Samples.backfill("orders");
    private static final Backfill RETURNS = Samples.backfill("returns");
    private static final SqlTask REFRESH = new SqlTask("refresh", "refresh materialized view m", Limits.DEFAULT);
    private static final CallTask NOTIFY = new CallTask("notify", 1, Limits.DEFAULT, call -> {});

    private Dags() {}

    static List<Task> ofOne() {
        return tasks(Samples.flights(31));
    }

    /** One after the other, two side by side, and single tasks; the second waits for the first from far away. */
    static List<Task> ofSeveral() {
        return tasks(dag(COSTS)
                .then(ORDERS, RETURNS)
                .then(REFRESH)
                .then(NOTIFY)
                .task(NOTIFY)
                .after(COSTS));
    }

    /** The merges wait for each other, and all of it becomes visible at once. */
    static List<Task> together() {
        return tasks(dag(COSTS)
                .task(ORDERS)
                .afterSamePartitionOf(COSTS)
                .publishTogether(COSTS, ORDERS)
                .then(NOTIFY));
    }

    /** Partition by partition without publishing together, the first partitions alone. */
    static List<Task> firstAlone() {
        Backfill costs = Samples.backfill("costs", Limits.DEFAULT.concurrency(3).firstPartitionAlone());
        Backfill orders = Samples.backfill("orders", Limits.DEFAULT.firstPartitionAlone());
        return tasks(dag(costs)
                .task(orders)
                .afterSamePartitionOf(costs)
                .task(RETURNS)
                .after(costs));
    }

    /** Of names that no gate would let pass. */
    static List<Task> hostile() {
        return List.of(
                task(0, HOSTILE + ".scope", TaskKind.SCOPE, HOSTILE, List.of()),
                task(1, "end\n\u001b\u202e\ud800\uffff]]>", TaskKind.MERGE, HOSTILE, List.of(0)),
                task(2, "{{dag}}<script>alert('x')</script>-->`**1**`#;%%", TaskKind.CALL, "end", List.of(1)),
                task(3, "\u8868".repeat(70) + "last", TaskKind.SQL, "sql", List.of(0, 2)));
    }

    private static Task task(int number, String name, TaskKind kind, String member, List<Integer> upstream) {
        return new Task(number, name, kind, List.of(member), upstream, List.of(), 1, List.of());
    }

    private static Dag dag(Member first) {
        return new Dag("margin", List.of(first), List.of(), List.of());
    }

    private static List<Task> tasks(Dag dag) {
        if (!BuildGate.check(dag).isEmpty()) {
            throw new IllegalArgumentException(BuildGate.check(dag).toString());
        }
        return Tasks.of(dag, Clock.systemUTC());
    }
}
