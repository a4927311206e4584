package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Dependent.Fate;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database file: its options, who else holds it, and what survives closing and opening it. */
class DuckDbFileTest {
    private static final Duration MONTH = Duration.ofDays(30);

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void makeTables() throws SQLException {
        // The file is called like a schema in it, which makes names of two parts ambiguous to DuckDB.
        file = directory.resolve("analytics.duckdb");
        sql(
                "create schema analytics.analytics",
                "create table analytics.analytics.flights (id bigint primary key, day date, delay integer)",
                "create unique index \"by day\" on analytics.analytics.flights (day, id)",
                "insert into analytics.analytics.flights select 10 * d + n, date '2001-01-01' + d::integer, n"
                        + " from range(5) days(d), range(3) ns(n)");
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }

    private static WorkOrder order(Connector connector, Publish<?> publish, Shadow.Seed seed) {
        TableInfo target =
                connector.catalog().table(TableName.parse("analytics.flights")).orElseThrow();
        LocalDate day = LocalDate.of(2001, 1, 2);
        return new WorkOrder(
                "r1",
                1,
                "files",
                "flights",
                "tester",
                "logic-1",
                target,
                target.name().sibling("bf_shadow"),
                target.name().sibling("bf_archive"),
                List.of(target.columns().get(1)),
                List.of(new Partition("2001-01-02", new Slice.Days("day", day, day.plusDays(1)))),
                new Shadow<>(seed, List.of()),
                new Merge(
                        "select id, day, delay + 100 as delay from analytics.analytics.flights where day = :day",
                        List.of("id"),
                        Optional.empty(),
                        Optional.empty(),
                        Merge.Emptiness.REFUSED),
                publish);
    }

    @Test
    void aRun_goesOn_afterTheFileWasClosedAndOpenedBetweenAllItsSteps() throws SQLException {
        List<String> before = rows("select delay from analytics.analytics.flights order by id");
        Interrupt never = Interrupt.never();
        for (boolean swap : List.of(true, false)) {
            WorkOrder order;
            try (Connector connector = DuckDb.file(file)
                    .ledgerIn("ops")
                    .threads(1)
                    .memoryLimit("1GB")
                    .open()) {
                WorkOrder first = swap
                        ? order(connector, new Publish.SwapTable(MONTH), Shadow.Seed.WHOLE_TARGET)
                        : order(connector, new Publish.ReplacePartitions(MONTH), Shadow.Seed.SCOPE_OF_TARGET);
                order = new WorkOrder(
                        swap ? "swap" : "replace",
                        first.epoch(),
                        first.dag(),
                        first.backfill(),
                        first.actor(),
                        first.logic(),
                        first.target(),
                        first.shadow(),
                        first.archive(),
                        first.partitionColumns(),
                        first.scope(),
                        first.seed(),
                        first.merge(),
                        first.publish());
                connector.ledger().prepare();
                connector.ledger().open(order);
            }
            // A table of another size in between gives the reopened tables other numbers.
            sql("create or replace table analytics.analytics.other as select 1 as one");
            reopened(connector -> connector.shadows().create(order, never));
            reopened(connector -> connector.shadows().create(order, never));
            reopened(connector -> connector.merges().merge(order, order.scope().get(0), never));
            reopened(connector -> connector.measures().measure(order, List.of(), never));
            reopened(connector -> connector.ledger().audited(order));
            reopened(connector -> connector.publishes().publish(order, never));
            assertThat(rows("select delay from analytics.analytics.flights where id in (1, 11) order by id"))
                    .containsExactly("1", "101");
            reopened(connector -> connector.publishes().rollback(order, 0, never));
            reopened(connector -> connector.shadows().clear(order));
            assertThat(rows("select delay from analytics.analytics.flights order by id"))
                    .isEqualTo(before);
            assertThat(rows("select index_name from duckdb_indexes()")).containsExactly("by day");
        }
        assertThat(rows("select distinct table_schema from information_schema.tables where table_name like 'bf%'"))
                .containsExactly("ops");
    }

    private interface Step {
        void on(Connector connector);
    }

    private void reopened(Step step) {
        try (Connector connector = DuckDb.file(file).ledgerIn("ops").open()) {
            step.on(connector);
        }
    }

    @Test
    void open_saysWhoHoldsTheFile_whenItIsAnotherProcess() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("held");

            assertThatThrownBy(() -> DuckDb.file(file).open())
                    .isInstanceOfSatisfying(BackstitchException.class, failure -> {
                        assertThat(failure.code()).isEqualTo(ErrorCode.WAREHOUSE_IN_USE);
                        assertThat(failure)
                                .hasMessageContaining(String.valueOf(holder.pid()))
                                .hasMessageContaining("running since")
                                .hasMessageContaining(file.toString());
                    });
        } finally {
            holder.destroyForcibly().waitFor();
        }
        DuckDb.file(file).open().close();
    }

    /** A process that holds a file until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + arguments[0])) {
                connection.createStatement().execute("select 1");
                System.out.println("held");
                System.in.read();
            }
        }
    }

    @Test
    void dependents_areNamedWithTheirFate() throws SQLException {
        file = directory.resolve("warehouse.duckdb");
        sql(
                "create table airports (code varchar primary key)",
                "create table legs (id bigint primary key, code varchar references airports (code),"
                        + " day date, twice bigint generated always as (id * 2))",
                "create table bookings (leg bigint references legs (id))",
                "create view busy as select * from legs");
        try (Connector connector = DuckDb.file(file).open()) {
            TableInfo legs = connector.catalog().table(TableName.parse("legs")).orElseThrow();

            assertThat(connector.catalog().dependents(legs.name()))
                    .extracting(Dependent::kind, Dependent::swap, Dependent::replace)
                    .containsExactly(
                            tuple("view", Fate.PRESERVED, Fate.PRESERVED),
                            tuple("foreign key", Fate.REFUSED, Fate.PRESERVED),
                            tuple("foreign key from another table", Fate.REFUSED, Fate.REFUSED),
                            tuple("generated column", Fate.REFUSED, Fate.PRESERVED));
        }
    }

    @Test
    void replace_preservesOutboundKeysGeneratedColumnsDefaultsAndSequences() throws SQLException {
        sql(
                "create sequence analytics.analytics.numbers",
                "drop table analytics.analytics.flights",
                "create table analytics.analytics.codes (code integer primary key)",
                "insert into analytics.analytics.codes select i from range(301) t(i)",
                "create table analytics.analytics.flights (id bigint primary key, day date,"
                        + " delay integer default 7 references analytics.codes (code) check (delay < 300),"
                        + " twice integer generated always as (delay * 2))",
                "insert into analytics.analytics.flights (id, day, delay) values (11, date '2001-01-02', 1)");
        Interrupt never = Interrupt.never();
        try (Connector connector = DuckDb.file(file).open()) {
            WorkOrder order = order(connector, new Publish.ReplacePartitions(MONTH), Shadow.Seed.SCOPE_OF_TARGET);
            connector.ledger().prepare();
            connector.ledger().open(order);
            connector.shadows().create(order, never);
            connector.merges().merge(order, order.scope().get(0), never);
            connector.measures().measure(order, List.of(), never);
            connector.ledger().audited(order);
            connector.publishes().publish(order, never);
            assertThat(connector
                            .catalog()
                            .table(TableName.parse("analytics.flights"))
                            .orElseThrow()
                            .structure())
                    .isEqualTo(order.target().structure());
        }
        assertThat(rows("select twice from analytics.analytics.flights")).containsExactly("202");
        assertThatThrownBy(() -> sql("insert into analytics.analytics.flights (id, delay) values (1, 299), (2, 300)"))
                .hasMessageContaining("CHECK");
        assertThatThrownBy(() -> sql("insert into analytics.analytics.flights (id, delay) values (1, -1)"))
                .hasMessageContaining("foreign key");
    }
}
