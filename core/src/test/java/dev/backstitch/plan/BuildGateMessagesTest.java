package dev.backstitch.plan;

import static dev.backstitch.spec.Audit.Severity.BLOCKING;

import dev.backstitch.Samples;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.golden.GoldenFile;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Grain;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.Write;
import dev.backstitch.spec.Write.Rows;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What people read when the build gate refuses: what may be written, audits, SQL that cannot be read, the order of a dag.
 * Whether it refuses is tested beside each gate.
 */
class BuildGateMessagesTest {
    private final Backfill costs = Samples.backfill("costs");
    private final Backfill orders = Samples.backfill("orders");
    private final SqlTask refresh = new SqlTask("refresh", "refresh materialized view bi.margin", Limits.DEFAULT);
    private final GoldenFile golden = GoldenFile.beside(BuildGateMessagesTest.class, "build-gate-of-parts.txt");

    @Test
    void refusals_readAsInTheirFile() {
        scopes();
        writes();
        audits();
        unreadableSql();
        statements();
        orders();
        golden.check();
    }

    private void scopes() {
        refused(
                "hours that begin at half past",
                over(new Scope.Range(
                        new Calendar("flight_date", Calendar.Unit.HOURS, Optional.empty()),
                        LocalDate.of(2001, 1, 1).atTime(5, 30),
                        LocalDate.of(2001, 1, 2).atStartOfDay())));
        refused("no value at all", over(new Scope.Values("flight_date", List.of())));
    }

    private void writes() {
        refused("updating the key", write(Rows.ALL, List.of("Flight_ID"), List.of()));
        refused("updating a column twice", write(Rows.ALL, List.of("delay", "delay"), List.of()));
        refused("comparing a column without a name", write(Rows.ALL, List.of(), List.of(" ")));
        refused("only inserting, and updating", write(Rows.INSERT_ONLY_MISSING, List.of("delay"), List.of()));
        refused("only inserting, and comparing", write(Rows.INSERT_ONLY_MISSING, List.of(), List.of("delay")));
        refused(
                "only updating, in an empty shadow",
                seeded(Seed.EMPTY, new Write(Rows.UPDATE_ONLY, List.of("delay"), List.of())));
        refused("stamping the key", stamped(new Write(Rows.ALL, List.of(), List.of()), "flight_id"));
        refused("stamping the scope's column", stamped(Write.EVERYTHING, "flight_date"));
        refused("stamping one column twice", stamped(Write.EVERYTHING, "marked", "marked"));
        refused(
                "stamping what is overwritten and compared",
                stamped(new Write(Rows.ALL, List.of("MARKED"), List.of("marked")), "marked"));
        refused("the first by the key", deduped(new Dedupe.Keep(Dedupe.End.FIRST, List.of("flight_id", "at"))));
        refused("the latest by a column twice", deduped(new Dedupe.Keep(Dedupe.End.LATEST, List.of("at", "at"))));
    }

    private void audits() {
        refused("a value twice", rule(new Rule.Accepted("region", List.of("eu", "us", "eu"))));
        refused("a range that is turned around", rule(new Rule.InRange("delay", BigDecimal.TEN, BigDecimal.ONE)));
        refused("a pattern that is none", rule(new Rule.Matches("code", "[A-Z")));
        refused("a pattern that databases read differently", rule(new Rule.Matches("code", "(?i)[a-z]+")));
        refused("a condition that is empty", rule(new Rule.Satisfies(" ")));
        refused("a query in place of a condition", rule(new Rule.Satisfies("select max(delay) < 5 from f")));
        refused("a condition on a partition", rule(new Rule.Satisfies("day >= :partition_start")));
        refused(
                "a number of rows compared with a figure",
                measured(Metric.rowCount(), Optional.of("delay"), likeLive()));
        refused(
                "a figure of live, and bounds",
                measured(
                        new Metric(Metric.Kind.SUM, "delay", BigDecimal.ZERO),
                        Optional.of("delay_minutes"),
                        new Expectation.Between(BigDecimal.ONE, BigDecimal.TEN)));
        refused(
                "an audit's query that reads neither table",
                audited(new Audit.FindsNothing("odd", "select 1", BLOCKING)));
    }

    private void unreadableSql() {
        String day = " from f where flight_date = :flight_date";
        merging("nothing but a comment", "-- select 1");
        merging("a comment that doesn't end", "select 1 /* all of it" + day);
        merging("a quoted name that doesn't end", "select \"delay" + day);
        merging("a dollar quote that doesn't end", "select $x$ a" + day);
        merging("a bracket too many", "select (delay))" + day);
        merging("brackets that cross", "select list[(1])" + day);
        merging("two statements", "select 1" + day + "; select 2" + day);
        merging("a driver's marker", "select * from f where flight_date = $1");
        merging("an escaped string in two parts", "select E'a'\n'b'" + day);
        merging("a query that begins with a number", "1 + :flight_date");
    }

    private void statements() {
        refused("a dag that is only a statement", new Dag("margin", List.of(refresh), List.of(), List.of()));
        refused("a statement with a bind", dag(costs).then(sql("delete from m where day = :partition_start")));
        refused("a statement that commits", dag(costs).then(sql("/* then */ commit")));
        refused("a statement without a name", dag(costs).then(new SqlTask("", "select 1", Limits.DEFAULT)));
    }

    private void orders() {
        refused("a name twice", dag(costs).then(new SqlTask("costs", "select 1", Limits.DEFAULT)));
        refused("a circle", dag(costs).then(orders).then(refresh).task(costs).after(refresh));
        refused("one that waits for itself", dag(costs).task(costs).after(costs));
        refused(
                "published together, one after the other",
                dag(costs).then(orders).publishTogether(costs, orders));
        refused("one target twice", dag(costs).then(renamed(costs, "again")));
        refused(
                "a wait for somebody who is not there",
                wired(List.of(costs, orders), new Edge("nobody", "orders", Edge.Kind.BARRIER)));
        refused(
                "a wait for the same partition of a statement",
                wired(List.of(costs, orders, refresh), new Edge("refresh", "orders", Edge.Kind.SAME_PARTITION)));
        refused("a statement published together", together(List.of(List.of("costs", "refresh"))));
        refused("a backfill in two groups", together(List.of(List.of("costs", "orders"), List.of("costs"))));
        refused("somebody who is not there published together", together(List.of(List.of("costs", "returns"))));
        refused(
                "several of these at once",
                new Dag(
                        "margin of all",
                        List.of(costs, renamed(costs, "again"), sql("commit")),
                        List.of(new Edge("nobody", "costs", Edge.Kind.BARRIER)),
                        List.of(List.of("costs", "refresh"))));
    }

    private void refused(String title, Dag wrong) {
        List<Problem> problems = BuildGate.check(wrong);
        golden.add(title, String.valueOf(new RefusedException("dag " + wrong.name(), problems).getMessage()));
    }

    private void refused(String title, Backfill wrong) {
        refused(title, dag(wrong));
    }

    private static Dag dag(Backfill backfill) {
        return new Dag("margin", backfill);
    }

    private static SqlTask sql(String sql) {
        return new SqlTask("refresh", sql, Limits.DEFAULT);
    }

    private static Dag wired(List<Member> members, Edge edge) {
        return new Dag("margin", members, List.of(edge), List.of());
    }

    private Dag together(List<List<String>> groups) {
        return new Dag("margin", List.of(costs, orders, refresh), List.of(), groups);
    }

    private void merging(String title, String sql) {
        refused(
                title,
                merging(new Merge(
                        sql, costs.merge().key(), Optional.empty(), Optional.empty(), Merge.Emptiness.REFUSED)));
    }

    private Backfill write(Rows rows, List<String> updating, List<String> comparing) {
        return seeded(Seed.SCOPE_OF_TARGET, new Write(rows, updating, comparing));
    }

    private Backfill seeded(Seed seed, Write write) {
        Merge was = costs.merge();
        return with(
                costs.name(),
                costs.scope(),
                new Shadow<>(seed, List.of()),
                new Merge(was.sql(), was.key(), was.dedupe(), was.deletingMissing(), was.empty(), write),
                costs.audits());
    }

    private Backfill stamped(Write write, String... columns) {
        Merge was = costs.merge();
        return merged(new Merge(
                was.sql(),
                was.key(),
                was.dedupe(),
                was.deletingMissing(),
                was.empty(),
                write,
                Optional.of(new Stamping(Stream.of(columns)
                        .map(column -> new Stamp(column, Stamp.Value.RUN_ID))
                        .toList()))));
    }

    private Backfill deduped(Dedupe rule) {
        Merge was = costs.merge();
        return merged(new Merge(was.sql(), was.key(), Optional.of(rule), was.deletingMissing(), was.empty()));
    }

    private Backfill merged(Merge merge) {
        return with(costs.name(), costs.scope(), costs.shadow(), merge, costs.audits());
    }

    private Audit rows(Rule rule) {
        return new Audit.Rows(rule, BigDecimal.ZERO, Grain.WHOLE, BLOCKING);
    }

    private Backfill rule(Rule rule) {
        return audited(rows(rule));
    }

    private static Expectation likeLive() {
        return new Expectation.LikeLive(
                BigDecimal.ONE, new Expectation.Tolerance.Percent(BigDecimal.TEN), Optional.empty());
    }

    private Backfill measured(Metric metric, Optional<String> live, Expectation expected) {
        return audited(new Audit.Measured(metric, live, expected, Grain.WHOLE, BLOCKING));
    }

    private Backfill audited(Audit audit) {
        return with(costs.name(), costs.scope(), costs.shadow(), costs.merge(), List.of(audit));
    }

    private Backfill over(Scope scope) {
        return with(costs.name(), scope, costs.shadow(), costs.merge(), costs.audits());
    }

    private Backfill merging(Merge merge) {
        return with(costs.name(), costs.scope(), costs.shadow(), merge, costs.audits());
    }

    private Backfill renamed(Backfill backfill, String name) {
        return with(name, backfill.scope(), backfill.shadow(), backfill.merge(), backfill.audits());
    }

    private Backfill with(String name, Scope scope, Shadow<?> shadow, Merge merge, List<Audit> audits) {
        return new Backfill(
                name,
                costs.owner(),
                costs.reason(),
                costs.target(),
                scope,
                shadow,
                merge,
                costs.limits(),
                audits,
                costs.publish());
    }
}
