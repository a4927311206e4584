package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.audit.Auditor;
import dev.backstitch.audit.PartitionAuditor;
import dev.backstitch.audit.Verdict;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Planner;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.WorkOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every audit and every tolerance, on both databases: passing, failing, without rows, on nulls, on NaN, and where live has
 * no row. The shadow of January 1 to 4 holds nine rows, live none on the third; what is measured is compared with SQL that
 * is written by hand.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AuditsContract {
    private static final String COLUMNS = "id, day, amount, delay, region, code, qty";

    /** What differs between the databases is where they are. */
    abstract Connector open(Path dir) throws Exception;

    abstract Connection connect() throws SQLException;

    @TempDir
    static Path temp;

    private Connector connector;
    private WorkOrder order;
    private Evidence evidence;
    private WorkOrder empty;
    private Evidence ofEmpty;

    @BeforeAll
    void build() throws Exception {
        connector = open(Files.createTempDirectory(temp, "audits"));
        sql(
                "create schema app",
                "create table app.orders (id integer, day date, amount decimal(12, 2), delay double precision,"
                        + " region varchar(10), code varchar(10), qty integer)",
                "create table app.fresh as select * from app.orders",
                "create table app.regions (name varchar(10))",
                "create table app.raw (id integer, day date)",
                "insert into app.regions values ('eu'), ('us')",
                "insert into app.orders values (1, date '2024-01-01', 10, 1, 'eu', 'AA1', 1),"
                        + " (2, date '2024-01-01', 20, 2, 'us', 'AB2', 2), (3, date '2024-01-02', 30, 3, 'eu', 'AC3', 3),"
                        + " (4, date '2024-01-02', 40, 4, 'us', 'AD4', 4), (9, date '2024-01-09', 99, 9, 'xx', 'old', 9)",
                "insert into app.fresh values (1, date '2024-01-01', 11.10, 1, 'eu', 'AA1', 2),"
                        + " (2, date '2024-01-01', 22.20, 2, 'us', 'AB2', 4), (3, date '2024-01-02', 33.30, 3, 'eu', 'AC3', 6),"
                        + " (4, date '2024-01-02', 44.40, null, 'mars', 'ad4', 8), (5, date '2024-01-03', 55.50, 5, null, 'AE5', 10),"
                        + " (6, date '2024-01-03', null, 'NaN', 'eu', null, 12), (7, date '2024-01-04', -1.00, 7, 'eu', 'AG7', null),"
                        + " (8, date '2024-01-04', 0.01, 8, 'us', 'AH8', 1), (10, date '2024-01-04', 5.00, 8, 'us', 'AH8', 1)",
                "insert into app.raw values (1, date '2024-01-01'), (11, date '2024-01-02'), (12, date '2024-01-09'),"
                        + " (null, date '2024-01-01')");
        order = merged("orders", "app.fresh");
        evidence = measured(order, audits());
        sql(
                "create table app.nothing as select * from app.orders where id < 0",
                "create table app.none as select * from app.nothing");
        empty = merged("nothing", "app.none");
        ofEmpty = measured(empty, audits());
    }

    private WorkOrder merged(String target, String source) {
        Dag dag = dag("audits")
                .run(backfill("of_" + target)
                        .owner("me")
                        .because("test")
                        .target(table("app." + target))
                        .scope(days("day").from("2024-01-01").to("2024-01-05"))
                        .shadow(scopeOfTarget())
                        .merge("select " + COLUMNS + " from " + source + " where day = :day")
                        .keyedBy("id")
                        .allowingEmpty()
                        .audit(unique("id"), oneOfEachName())
                        .publish(replacePartitions().keepingArchiveFor(ofDays(1))));
        Plan plan = new Planner(connector, Clock.systemUTC()).plan(dag);
        WorkOrder made = WorkOrders.of(plan, "r-" + target, 1, "me").get(0);
        connector.ledger().prepare();
        connector.ledger().open(made);
        connector.shadows().create(made, Interrupt.never());
        for (Partition partition : made.scope()) {
            connector.merges().merge(made, partition, Interrupt.never());
        }
        return made;
    }

    private static Audit[] oneOfEachName() {
        return audits().stream()
                .collect(Collectors.toMap(Audit::name, audit -> audit, (first, second) -> first))
                .values()
                .toArray(Audit[]::new);
    }

    private Evidence measured(WorkOrder of, List<Audit> audits) {
        Set<Measure> measures = new LinkedHashSet<>(new Auditor(of, audits).measures());
        return connector.measures().measure(of, measures, Interrupt.never());
    }

    @AfterAll
    void close() {
        connector.close();
    }

    private static List<Audit> audits() {
        return audit_isJudged_andSaysWhatItSaw()
                .map(arguments -> (Audit) arguments.get()[0])
                .distinct()
                .toList();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void audit_isJudged_andSaysWhatItSaw(Audit audit, Verdict.Outcome outcome, String observed) {
        Verdict verdict = verdict(order, evidence, audit);

        if (observed != null) {
            assertThat(verdict.observed()).as("%s", verdict).isEqualTo(observed);
        }
        assertThat(verdict.outcome()).as("%s", verdict).isEqualTo(outcome);
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.BLOCKING);
        if (outcome == Verdict.Outcome.FAILED && verdict.offending().isPresent()) {
            Offenders offenders =
                    connector.measures().offenders(order, verdict.offending().get(), 20, Interrupt.never());
            assertThat(offenders.rows()).as("%s", offenders).isNotEmpty();
            assertThat(rows(offenders.sql())).as(offenders.sql()).hasSameSizeAs(offenders.rows());
        }
    }

    static Stream<Arguments> audit_isJudged_andSaysWhatItSaw() {
        Verdict.Outcome passed = Verdict.Outcome.PASSED;
        Verdict.Outcome failed = Verdict.Outcome.FAILED;
        return Stream.of(
                Arguments.of(unique("id", "day"), passed, "0 values more than once"),
                Arguments.of(unique("code"), failed, "1 values more than once"),
                Arguments.of(notNull("id", "day"), passed, "0 rows with a null"),
                Arguments.of(notNull("amount", "region"), failed, "2 rows with a null"),
                // A null is no value, and passes.
                Arguments.of(
                        acceptedValues("region", "eu", "us", "mars"), passed, "0 rows break it, of 9 in the scope"),
                Arguments.of(acceptedValues("region", "eu", "us"), failed, "1 rows break it, of 9 in the scope"),
                Arguments.of(
                        acceptedValues("region", "eu", "us").tolerating(percent(12)),
                        passed,
                        "1 rows break it, of 9 in the scope"),
                Arguments.of(
                        acceptedValues("region", "eu", "us").tolerating(percent(11)),
                        failed,
                        "1 rows break it, of 9 in the scope"),
                Arguments.of(
                        acceptedValues("region", "eu", "us").perPartition(),
                        failed,
                        "1 of 4 partitions not: 2024-01-02 (expected every row, observed 1 of 2 rows break it)"),
                Arguments.of(range("amount").between(-1, 60), passed, "0 rows break it, of 9 in the scope"),
                Arguments.of(range("amount").between(0, 55.5), failed, "1 rows break it, of 9 in the scope"),
                // NaN lies above every number.
                Arguments.of(range("delay").between(0, 100), failed, "1 rows break it, of 9 in the scope"),
                Arguments.of(matches("code", "A[A-Z]\\d"), failed, "1 rows break it, of 9 in the scope"),
                Arguments.of(matches("code", "(A|a)[A-Za-z][0-9]"), passed, "0 rows break it, of 9 in the scope"),
                Arguments.of(matches("code", "A"), failed, "8 rows break it, of 9 in the scope"),
                Arguments.of(satisfies("qty >= 1 or qty is null"), passed, "0 rows break it, of 9 in the scope"),
                Arguments.of(satisfies("amount >= 0 -- not below"), failed, "1 rows break it, of 9 in the scope"),
                Arguments.of(references("region", "app.regions", "name"), failed, "1 rows whose value is not there"),
                Arguments.of(references("id", "app.fresh", "id"), passed, "0 rows whose value is not there"),
                // Of the source the rows of the scope count: 12 lies outside, and a null is no value.
                Arguments.of(coversSource("app.raw", "id"), failed, "1 values of it that the shadow lacks"),
                Arguments.of(coversSource("app.fresh", "id", "day"), passed, "0 values of it that the shadow lacks"),
                Arguments.of(findsNothing("odd", "select * from :shadow where id < 0"), passed, "0 rows"),
                Arguments.of(findsNothing("dear", "select * from :shadow where amount > 40"), failed, "2 rows"),
                // Numbers of rows: nine, where live has four.
                Arguments.of(rowCount().within(percent(125)), passed, "9 rows (+125.000%)"),
                Arguments.of(rowCount().within(percent(124)), failed, "9 rows (+125.000%)"),
                Arguments.of(rowCount().within(absolute(5)), passed, "9 rows (+125.000%)"),
                Arguments.of(rowCount().within(absolute(4)), failed, "9 rows (+125.000%)"),
                Arguments.of(rowCount().between(9, 9), passed, "9 rows"),
                Arguments.of(rowCount().between(10, 99), failed, "9 rows"),
                Arguments.of(rowCount().ratioToLive(2.25).within(percent(0)), passed, "9 rows (0.000%)"),
                Arguments.of(rowCount().againstSource().within(percent(0)), passed, "9 rows (0.000%)"),
                Arguments.of(
                        rowCount().within(percent(0)).perPartition(),
                        failed,
                        "2 of 4 partitions not: 2024-01-03 (expected 0 rows, as live has, within 0%, observed 2 rows),"
                                + " 2024-01-04 (expected 0 rows, as live has, within 0%, observed 3 rows)"),
                Arguments.of(
                        rowCount()
                                .within(percent(1))
                                .whereLiveIsEmpty(between(1, 3))
                                .perPartition(),
                        passed,
                        "all 4 partitions"),
                // Figures: live has 100 in amount, 10 in qty and 10 in delay.
                Arguments.of(sum("amount").within(percent(71)), passed, "170.51 (+70.510%)"),
                Arguments.of(sum("amount").within(percent(70)), failed, "170.51 (+70.510%)"),
                Arguments.of(sum("amount").within(absolute(70.51)), passed, "170.51 (+70.510%)"),
                Arguments.of(sum("amount").between(170, 171), passed, "170.51"),
                Arguments.of(sum("qty").ratioToLive(4.4).within(percent(0)), passed, "44 (0.000%)"),
                Arguments.of(sum("qty").againstLive("qty * 4.4").within(percent(0.01)), passed, "44 (0.000%)"),
                Arguments.of(
                        sum("qty").ratioToLive(2).within(percent(0)).perPartition(),
                        failed,
                        "2 of 4 partitions not: 2024-01-03 (expected no value, 2 times live, within 0%, observed 22),"
                                + " 2024-01-04 (expected no value, 2 times live, within 0%, observed 2)"),
                Arguments.of(
                        sum("qty")
                                .ratioToLive(2)
                                .within(percent(0))
                                .whereLiveIsEmpty(between(0, 22))
                                .perPartition(),
                        passed,
                        "all 4 partitions"),
                Arguments.of(min("amount").between(-1, -1), passed, "-1"),
                Arguments.of(max("amount").between(0, 55), failed, "55.5"),
                Arguments.of(mean("qty").between(5.5, 5.5), passed, "5.5"),
                Arguments.of(median("qty").between(5, 5), passed, "5"),
                Arguments.of(median("amount").within(percent(50)), passed, "16.65 (-33.400%)"),
                Arguments.of(percentile("qty", 90).between(10.6, 10.6), passed, "10.6"),
                Arguments.of(
                        median("qty").between(1, 5).perPartition(),
                        failed,
                        "2 of 4 partitions not: 2024-01-02 (expected between 1 and 5, observed 7), 2024-01-03 (expected"
                                + " between 1 and 5, observed 11)"),
                Arguments.of(countDistinct("region").between(3, 3), passed, "3"),
                Arguments.of(countDistinct("region").within(absolute(1)), passed, "3 (+50.000%)"),
                Arguments.of(nullShare("code").between(0, 11.2), passed, null),
                Arguments.of(nullShare("code").between(0, 11), failed, null),
                // NaN is as no number.
                Arguments.of(sum("delay").between(-1e300, 1e300), failed, "NaN"),
                Arguments.of(max("delay").within(percent(100)), failed, "NaN"),
                // No value at all.
                Arguments.of(sum("amount - amount / nullif(qty, qty)").between(-1, 1), failed, "no value"));
    }

    private Verdict verdict(WorkOrder of, Evidence measured, Audit audit) {
        return new Auditor(of, List.of(audit))
                .judge(measured, connector.ledger().entries(of)).stream()
                        .filter(each -> each.name().equals(audit.name()))
                        .findFirst()
                        .orElseThrow();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void audit_ofNothing(Audit audit, Verdict.Outcome outcome) {
        assertThat(verdict(empty, ofEmpty, audit).outcome())
                .as("%s", verdict(empty, ofEmpty, audit))
                .isEqualTo(outcome);
    }

    /** Where neither side has a row, comparisons have nothing to object to; bounds are not fulfilled by nothing. */
    static Stream<Arguments> audit_ofNothing() {
        Verdict.Outcome passed = Verdict.Outcome.PASSED;
        Verdict.Outcome failed = Verdict.Outcome.FAILED;
        return Stream.of(
                Arguments.of(unique("code"), passed),
                Arguments.of(acceptedValues("region", "eu", "us"), passed),
                Arguments.of(references("region", "app.regions", "name"), passed),
                Arguments.of(coversSource("app.raw", "id"), failed),
                Arguments.of(rowCount().within(percent(124)), passed),
                Arguments.of(rowCount().between(9, 9), failed),
                Arguments.of(rowCount().againstSource().within(percent(0)), passed),
                Arguments.of(sum("amount").within(percent(70)), passed),
                Arguments.of(sum("amount").between(170, 171), failed),
                Arguments.of(median("qty").between(5, 5), failed),
                Arguments.of(countDistinct("region").within(absolute(1)), passed),
                Arguments.of(nullShare("code").between(0, 11), failed));
    }

    @Test
    void eachPartition_isJudgedRightAfterItsMerge_asItIsWithTheOthers() {
        List<Audit> each =
                audits().stream().filter(PartitionAuditor::looksAtEach).toList();
        Map<String, Entry> entries =
                connector.ledger().entries(order).stream().collect(Collectors.toMap(Entry::partition, entry -> entry));
        assertThat(each).hasSizeGreaterThan(5);
        for (Audit audit : each) {
            PartitionAuditor auditor = new PartitionAuditor(List.of(audit));
            Optional<AuditNote> noted = Optional.empty();
            for (Partition partition : order.scope()) {
                Evidence alone =
                        connector.measures().measurePartition(order, partition, auditor.measures(), Interrupt.never());
                for (Verdict failed : auditor.failed(alone, entries.get(partition.id()))) {
                    noted = Optional.of(PartitionAuditor.noted(noted, failed, Offenders.NONE, order.scope()));
                }
            }
            Verdict whole = verdict(order, evidence, audit);
            assertThat(noted.isPresent()).as("%s", whole).isEqualTo(whole.outcome() == Verdict.Outcome.FAILED);
            noted.ifPresent(note -> assertThat(note.observed()).isEqualTo(whole.observed()));
        }
    }

    @Test
    void figures_areThoseOfHandWrittenSql() {
        String shadow = order.shadow().parts().map(part -> '"' + part + '"').collect(Collectors.joining("."));
        assertThat(rows("select sum(amount), min(amount), max(amount), count(distinct region), avg(qty),"
                        + " percentile_cont(0.9) within group (order by qty) from " + shadow))
                .singleElement()
                .asString()
                .startsWith("170.51 -1.00 55.50 3 5.5")
                .endsWith("10.6");
    }

    @Test
    void allThatCanShareAScan_doesSo() {
        // Ten figures and rules: the values that were measured at once are those that each audit gets by itself.
        for (Audit audit : List.of(
                sum("amount").within(percent(71)),
                median("qty").between(5, 5),
                acceptedValues("region", "eu", "us").perPartition())) {
            Evidence alone = measured(order, List.of(audit));
            assertThat(verdict(order, alone, audit)).isEqualTo(verdict(order, evidence, audit));
        }
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        }
    }

    private List<String> rows(String query) {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
