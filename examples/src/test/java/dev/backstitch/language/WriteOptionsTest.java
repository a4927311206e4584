package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.dsl.SettingsStep;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be written, from the sentence to the published row, and the sentences that the plan refuses. */
class WriteOptionsTest {
    @TempDir
    Path directory;

    @BeforeEach
    void fill() throws SQLException {
        execute(
                "create schema app",
                "create table app.orders (Id bigint primary key, day date not null, Label varchar, amount integer,"
                        + " twice integer generated always as (amount * 2))",
                "insert into app.orders select i, date '2026-01-01' + cast(i % 3 as integer), 'by hand', i from range(1, 31) t(i)",
                "create table app.corrections as select i as id, date '2026-01-01' + cast(i % 3 as integer) as day,"
                        + " i * 100 as amount from range(1, 41) t(i)");
    }

    private static Dag correcting(String sql, UnaryOperator<SettingsStep<Coverage.ScopeOnly>> settings) {
        return dag("orders")
                .run(settings.apply(backfill("orders")
                                .owner("me")
                                .because("amounts were in euros")
                                .target(table("app.orders"))
                                .scope(days("day").from("2026-01-01").to("2026-01-04"))
                                .shadow(scopeOfTarget())
                                .merge(sql)
                                .keyedBy("id"))
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(7))));
    }

    private static final String AMOUNTS = "select id, day, amount from app.corrections where day = :partition";

    @Test
    void oneColumn_isCorrected_fromAQueryThatBringsNoOther() throws SQLException {
        Dag dag = correcting(AMOUNTS, settings -> settings.updating("AMOUNT").updateOnly());
        try (Backstitch backstitch = open(dag)) {
            assertThat(PlanText.summary(backstitch.plan(dag))).contains("inserts nothing, overwrites AMOUNT");

            RunResult result = backstitch.start(backstitch.plan(dag)).await();

            assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            assertThat(rows("select count(*), min(label), sum(amount), sum(twice) from app.orders"))
                    .containsExactly("30 by hand 46500 93000");

            backstitch.rollback(result.run());
            assertThat(rows("select sum(amount) from app.orders")).containsExactly("465");
        }
    }

    @Test
    void whatTheTableDoesNotHave_orComputes_isRefusedByThePlan() {
        Dag dag = correcting(
                AMOUNTS,
                settings -> settings.updating("ammount", "twice")
                        .comparing("version")
                        .updateOnly());
        try (Backstitch backstitch = open(dag)) {
            assertThatThrownBy(() -> backstitch.plan(dag))
                    .hasMessageContaining("orders.updating: expected a column ammount in")
                    .hasMessageContaining("twice, which the database computes")
                    .hasMessageContaining("orders.comparing: expected a column version in");
        }
    }

    @Test
    void aQueryThatBringsWhatIsNotWritten_isRefusedByThePlan() {
        Dag dag = correcting(
                "select id, day, amount, 'new' as label from app.corrections where day = :partition",
                settings -> settings.updating("amount").updateOnly());
        try (Backstitch backstitch = open(dag)) {
            assertThatThrownBy(() -> backstitch.plan(dag))
                    .hasMessageContaining("expected no more than updateOnly() and updating(..) need")
                    .hasMessageContaining("label as well");
        }
    }

    @Test
    void aQueryThatBringsWhatTheDatabaseComputes_isRefusedByThePlan() {
        Dag dag = correcting(
                "select id, day, 'new' as label, amount, 2 as twice from app.corrections where day = :partition",
                settings -> settings);
        try (Backstitch backstitch = open(dag)) {
            assertThatThrownBy(() -> backstitch.plan(dag))
                    .hasMessageContaining("twice as well")
                    .hasMessageNotContaining("updateOnly()");
        }
    }

    @Test
    void aQueryThatLacksAColumn_isRefusedByThePlan_unlessNothingIsInserted() {
        Dag dag = correcting(AMOUNTS, settings -> settings.updating("amount"));
        try (Backstitch backstitch = open(dag)) {
            assertThatThrownBy(() -> backstitch.plan(dag)).hasMessageContaining("a column Label for");
        }
    }

    private Backstitch open(Dag dag) {
        return Backstitch.open(BackstitchConfig.of(
                        DuckDb.file(directory.resolve("w.duckdb")).open(), StateStores.h2(directory.resolve("state"))))
                .register(dag);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("w.duckdb"));
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        }
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }
}
