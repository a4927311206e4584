package dev.backstitch.assertj;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.dsl.SettingsStep;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.report.PlanText;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.TableInfo;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeCatalogTest {
    private static final Clock FIFTH = Clock.fixed(Instant.parse("2001-01-05T12:00:00Z"), ZoneOffset.UTC);
    private static final FakeTable ORDERS = FakeTable.of("app.orders")
            .notNull("id", "bigint")
            .notNull("day", "date")
            .column("at", "timestamp with time zone")
            .column("amount", "decimal(12, 2)")
            .column("region", "varchar(2)")
            .generated("cents", "bigint")
            .uniqueBy("id")
            .rows(120_000);
    private static final FakeTable COSTS =
            FakeTable.of("app.costs").notNull("id", "bigint").column("day", "date");

    private static final FakeTable RETURNS = new FakeTable(
            TableName.parse("app.returns"),
            TableInfo.Kind.TABLE,
            ORDERS.columns(),
            List.of(),
            0,
            List.of(),
            List.of(),
            Optional.empty());

    private static Dag of(Backfill backfill) {
        return dag("history").run(backfill);
    }

    private static Backfill orders() {
        return published(keyed("orders", "app.orders", scopeOfTarget()));
    }

    private static <C extends Coverage> SettingsStep<C> keyed(String name, String target, Shadow<C> shadow) {
        return keyed(name, target, shadow, days("day").lastDays(3));
    }

    private static <C extends Coverage> SettingsStep<C> keyed(
            String name, String target, Shadow<C> shadow, Scope scope) {
        return backfill(name)
                .owner("me")
                .because("test")
                .target(table(target))
                .scope(scope)
                .shadow(shadow)
                .merge("select * from staging.orders where :partition_start <= day and day < :partition_end")
                .keyedBy("id");
    }

    private static Backfill published(SettingsStep<?> settings) {
        return published(settings, unique("id"));
    }

    private static Backfill published(SettingsStep<?> settings, Audit audit) {
        return settings.audit(audit).publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    private static FakeCatalog holding(FakeTable... tables) {
        return FakeCatalog.of(tables).clock(FIFTH);
    }

    @Test
    void plan_isMadeOfWhatTheTestSays() {
        Plan plan = holding(ORDERS, FakeTable.view("bi.by_day", "APP.Orders")).plan(of(orders()));

        assertThat(plan).runs(3).skips(0).runs("2001-01-02").runs("2001-01-04");
        assertThat(plan.backfill("orders").target()).satisfies(target -> {
            assertThat(target.name()).hasToString("app.orders");
            assertThat(target.estimatedRows()).isEqualTo(120_000);
            assertThat(target.uniqueKeys()).containsExactly(List.of("id"));
            assertThat(target.columns())
                    .extracting(Column::family)
                    .containsExactly(
                            Column.Family.NUMBER,
                            Column.Family.DATE,
                            Column.Family.INSTANT,
                            Column.Family.NUMBER,
                            Column.Family.TEXT,
                            Column.Family.NUMBER);
            assertThat(target.columns().get(0).nullability()).isEqualTo(Column.Nullability.NOT_NULL);
        });
        assertThat(plan.backfill("orders").dependents())
                .extracting(Dependent::name, Dependent::replace)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("bi.by_day", Dependent.Fate.PRESERVED));
    }

    @Test
    void plan_skipsWhatHasNotEnded_byTheClockOfTheTest() {
        Scope scope = days("day").from("2001-01-03").to("2001-01-07");
        Dag dag = of(published(keyed("orders", "app.orders", scopeOfTarget(), scope)));

        assertThat(holding(ORDERS).plan(dag)).runs(2).skips("2001-01-05", "not ended until");
    }

    @Test
    void plan_isOneThatCanBeFrozen() {
        Plan plan = holding(ORDERS).plan(of(orders()));

        assertThat(PlanFormat.read(PlanFormat.write(plan))).isEqualTo(plan);
    }

    @Test
    void plan_saysWhatWasNotChecked() {
        FakeCatalog assuming = holding(ORDERS);

        assertThat(PlanText.of(assuming.plan(of(orders()))))
                .contains("target      app.orders on a fake catalogue, about 120,000 rows")
                .contains("no SQL was checked, that of audits included")
                .contains("taken to be those that app.orders needs")
                .contains("privileges and space were not checked");
        assertThat(PlanText.of(assuming.merging(queryOf("id", "day", "at", "amount", "region"))
                        .plan(of(orders()))))
                .contains("those that the test declares");
    }

    private static FakeQuery queryOf(String... columns) {
        FakeQuery query = FakeQuery.of("orders");
        for (String column : columns) {
            query = query.column(
                    column,
                    ORDERS.columns().stream()
                            .filter(known -> known.name().equals(column))
                            .findFirst()
                            .map(Column::type)
                            .orElse("integer"));
        }
        return query;
    }

    @Test
    void query_isTakenToBringWhatTheBackfillNeeds_whereTheTestSaysNothing() {
        SettingsStep<?> updating = keyed("orders", "app.orders", scopeOfTarget())
                .updateOnly()
                .updating("AMOUNT")
                .dedupe(keepLatestBy("loaded_at"));
        SettingsStep<?> adding = keyed("orders", "app.orders", scopeOfTarget().adding("channel", "text"));

        assertThat(holding(ORDERS).plan(of(published(updating)))).runs(3);
        assertThat(holding(ORDERS).plan(of(published(adding)))).runs(3);
    }

    @Test
    void query_ofTwoBackfills_hasToBeDeclared_whereTheirTargetsDiffer() {
        Dag dag = dag("two").run(orders(), published(keyed("costs", "app.costs", scopeOfTarget())));

        assertThatThrownBy(() -> holding(ORDERS, COSTS).plan(dag))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[orders, costs] have the same query, and targets with different columns");
        assertThatThrownBy(() -> holding(ORDERS, COSTS)
                        .merging(queryOf("id"))
                        .merging(FakeQuery.of("costs").columnsOf(COSTS))
                        .plan(dag))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different columns are declared of it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.orders", "APP.Orders"})
    void names_areMatchedWithTheirSchema_andWithoutCase(String name) {
        assertThat(holding(ORDERS).plan(of(published(keyed("orders", name, scopeOfTarget())))))
                .runs(3);
    }

    @Test
    void names_withoutASchema_lieInMain() {
        assertThat(holding(FakeTable.of("orders").column("id", "int").column("day", "date"))
                        .plan(of(published(keyed("orders", "main.orders", scopeOfTarget())))))
                .runs(3);
    }

    @Test
    void plan_tellsOfAUndeclaredTable_andWhichAreDeclared() {
        assertThatThrownBy(() -> holding(COSTS, FakeTable.of("orders")).plan(of(orders())))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "BF-201 dag history, planned on a fake catalogue of app.costs, orders, is refused; nothing was"
                                + " written.\n  - BF-201 orders.target: expected a table app.orders in a fake catalogue, found none"
                                + " of that name among those that the test declares. Declare it with FakeTable.of(..), schema and"
                                + " all, or correct the name.");
        assertThatThrownBy(() -> FakeCatalog.of().plan(of(orders())))
                .hasMessageContaining("a fake catalogue of no tables");
    }

    @ParameterizedTest
    @MethodSource
    void plan_isRefused_asOnADatabase(FakeCatalog catalog, Dag dag, ErrorCode code, String words) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> catalog.plan(dag));

        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem).asString().contains(words);
        });
    }

    static Stream<Arguments> plan_isRefused_asOnADatabase() {
        FakeCatalog catalog = holding(ORDERS, COSTS, FakeTable.view("app.recent", "app.orders"));
        Dag sound = of(orders());
        Scope except = days("day").lastDays(3).except(days("day").only("1999-01-01"));
        Backfill returns = published(
                keyed("returns", "app.returns", scopeOfTarget(), days("day").lastDays(2)));
        return Stream.of(
                refusing(
                        catalog,
                        of(published(keyed("orders", "app.orders", scopeOfTarget(), except))),
                        ErrorCode.INVALID_SCOPE,
                        "1 that it does not have, such as 1999-01-01"),
                refusing(
                        catalog,
                        of(published(
                                keyed("orders", "app.orders", scopeOfTarget().adding("amount", "int")))),
                        ErrorCode.CONFLICTING_SETTINGS,
                        "or has as int, found amount decimal(12, 2)"),
                refusing(
                        catalog,
                        dag("two").run(orders(), published(keyed("again", "App.Orders", scopeOfTarget()))),
                        ErrorCode.CONFLICTING_SETTINGS,
                        "app.orders as the target of orders and again"),
                refusing(
                        catalog,
                        of(published(keyed("orders", "app.order", scopeOfTarget()))),
                        ErrorCode.TARGET_MISSING,
                        "a table app.order in"),
                refusing(
                        catalog,
                        of(published(
                                keyed("orders", "app.orders", scopeOfTarget()),
                                references("region", "app.regions", "code"))),
                        ErrorCode.TARGET_MISSING,
                        "a table app.regions"),
                refusing(
                        catalog,
                        of(published(keyed("orders", "app.orders", scopeOfTarget()), notNull("colour"))),
                        ErrorCode.COLUMN_MISSING,
                        "a column colour in app.orders"),
                refusing(
                        catalog,
                        of(published(keyed(
                                "orders",
                                "app.orders",
                                scopeOfTarget(),
                                days("date").lastDays(3)))),
                        ErrorCode.COLUMN_MISSING,
                        "orders.scope"),
                refusing(
                        catalog,
                        of(published(keyed(
                                "orders",
                                "app.orders",
                                scopeOfTarget(),
                                days("amount").lastDays(3)))),
                        ErrorCode.PARTITION_TYPE,
                        "decimal(12, 2)"),
                refusing(
                        catalog,
                        of(published(keyed(
                                "orders",
                                "app.orders",
                                scopeOfTarget(),
                                days("at").lastDays(3)))),
                        ErrorCode.PARTITION_TYPE,
                        "days(\"at\").in("),
                refusing(
                        catalog.merging(queryOf("id", "day", "at", "amount")),
                        sound,
                        ErrorCode.SOURCE_COLUMNS,
                        "a column region for app.orders, found (id, day, at, amount)"),
                refusing(
                        catalog.merging(queryOf("id", "day", "at", "amount", "region", "colour")),
                        sound,
                        ErrorCode.SOURCE_COLUMNS,
                        "adding(\"colour\", \"integer\")"),
                refusing(
                        catalog.merging(queryOf("id", "at", "amount", "region").column("day", "text")),
                        sound,
                        ErrorCode.SOURCE_COLUMNS,
                        "day as date, found text"),
                refusing(
                        catalog.merging(queryOf("id", "day", "at", "amount", "region", "region")),
                        sound,
                        ErrorCode.SOURCE_COLUMNS,
                        "each column once"),
                refusing(
                        holding(ORDERS.lostByAnyPublish("foreign key from another table", "lines_order_id_fkey")),
                        sound,
                        ErrorCode.DEPENDENT_AT_RISK,
                        "foreign key from another table lines_order_id_fkey"),
                refusing(
                        holding(ORDERS.lostBySwap("trigger", "log_changes")),
                        of(keyed("orders", "app.orders", copyOfTarget())
                                .audit(unique("id"))
                                .publish(swapTable().keepingArchiveFor(ofDays(30)))),
                        ErrorCode.DEPENDENT_AT_RISK,
                        "Use replacePartitions()"),
                refusing(
                        holding(ORDERS.busyWith("r7")),
                        sound,
                        ErrorCode.ACTIVE_BACKFILL,
                        "run r7 of the test, BUILDING since 2001-01-05T12:00:00Z"),
                refusing(
                        catalog,
                        of(published(keyed(
                                "orders",
                                "app.orders",
                                scopeOfTarget(),
                                days("day").from("2001-01-05").to("2001-01-07")))),
                        ErrorCode.NOTHING_TO_RUN,
                        "not ended until"),
                refusing(
                        catalog,
                        of(published(keyed("orders", "app.recent", scopeOfTarget()))),
                        ErrorCode.TARGET_NOT_A_TABLE,
                        "app.recent"),
                refusing(
                        catalog,
                        of(published(
                                keyed("orders", "app.orders", scopeOfTarget()).updating("cents"))),
                        ErrorCode.UNSUPPORTED,
                        "cents, which the database computes"),
                refusing(
                        holding(ORDERS, RETURNS),
                        dag("two").run(returns).task(orders()).afterSamePartitionOf(returns),
                        ErrorCode.NO_COUNTERPART,
                        "1 without, such as 2001-01-02"));
    }

    private static Arguments refusing(FakeCatalog catalog, Dag dag, ErrorCode code, String words) {
        return Arguments.of(catalog, dag, code, words);
    }

    @Test
    void plan_letsPass_whatOnlyASwapWouldLose() {
        assertThat(holding(ORDERS.lostBySwap("trigger", "log_changes")).plan(of(orders())))
                .runs(3);
    }

    @Test
    void whatContradictsItself_isAnError() {
        assertThatThrownBy(() -> FakeCatalog.of(ORDERS, FakeTable.of("APP.orders")))
                .hasMessage("table app.orders is declared twice");
        assertThatThrownBy(() -> ORDERS.column("ID", "text")).hasMessage("column ID of app.orders is declared twice");
        assertThatThrownBy(() -> COSTS.uniqueBy("code")).hasMessageContaining("app.costs has no column code");
        assertThatThrownBy(() -> COSTS.rows(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> holding(ORDERS).merging(queryOf("id")).merging(queryOf("day")))
                .hasMessage("the query of backfill orders is declared twice");
        assertThatThrownBy(() -> holding(ORDERS).merging(FakeQuery.of("costs")).plan(of(orders())))
                .hasMessage("dag history has no backfill costs, whose query is declared; it has [orders]");
    }
}
