package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a query reads through: functions, operators and aggregates, and what of them PostgreSQL doesn't tell. */
class ReadThroughTest {
    private static final Column REGION =
            new Column("region", "text", Column.Family.TEXT, Column.Nullability.NULLABLE, Column.Origin.WRITTEN);

    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create schema app",
                "create table app.source (id int, region text, delay int, \"odd Name\" int)",
                "create table app.bound (id int)",
                "create function app.in_sql(int) returns int language sql immutable as 'select $1 + 1'",
                "create function app.body(int) returns bigint language sql begin atomic"
                        + " select count(*) from app.bound where id < app.in_sql($1); end",
                "create function app.in_plpgsql(int) returns int language plpgsql as 'begin return $1; end'",
                "create function app.step(int, int) returns int language sql immutable as 'select $1 + $2'",
                "create aggregate app.total(int) (sfunc = app.step, stype = int, initcond = '0')",
                "create function app.near(int, int) returns boolean language sql as 'select abs($1 - $2) < 5'",
                "create operator app.<~> (leftarg = int, rightarg = int, function = app.near)",
                "create view app.late as select id, region, app.in_plpgsql(delay) as delay from app.source",
                "create materialized view app.counted as select region, count(*) as n from app.late group by region");
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private Reads reads(String query) {
        return warehouse
                .connector()
                .catalog()
                .reads(SqlTemplate.parse(query), new Partition("eu", new Slice.Value("region", "eu")), List.of(REGION))
                .orElseThrow();
    }

    @Test
    void functionsOperatorsAggregatesAndViews_areSeen_withWhatTheyDependOn() {
        Reads reads =
                reads("select app.body(s.id) as b, s.\"odd Name\" from app.source s join app.counted c using (region)"
                        + " where region = :partition and s.id operator(app.<~>) 7"
                        + " and 1 < (select app.total(delay) from app.late)");

        assertThat(reads.seen().stream().map(Reads.Definition::toString))
                .contains(
                        "aggregate app.total(integer)",
                        "column app.bound.id",
                        "column app.source.\"odd Name\"",
                        "column app.source.region",
                        "function app.body(integer)",
                        "function app.in_plpgsql(integer)",
                        "function app.in_sql(integer)",
                        "function app.near(integer,integer)",
                        "function app.step(integer,integer)",
                        "materialized view app.counted",
                        "view app.late")
                .noneMatch(name -> name.contains("bf_reads") || name.contains("count("));
        assertThat(reads.unseen())
                .contains("what function app.in_plpgsql(integer) reads in turn, since its body is a text in plpgsql")
                .noneMatch(text -> text.contains("app.body"));
    }

    @Test
    void aFunctionBehindAFunction_changesWhatIsRead() throws SQLException {
        String query = "select app.body(id) from app.source where region = :region";
        Reads before = reads(query);

        warehouse.run(
                "create or replace function app.in_sql(int) returns int language sql immutable as 'select $1 + 2'");

        assertThat(reads(query).seen())
                .filteredOn(seen -> !before.seen().contains(seen))
                .extracting(Reads.Definition::name)
                .containsExactly("app.in_sql(integer)");
    }

    @Test
    void noSecretOfADefinition_isInWhatIsKept() throws SQLException {
        warehouse.run("create view app.remote as select 1 as one where 'password=hunter2' <> ''");

        assertThat(reads("select * from app.remote, app.source where region = :region")
                        .toString())
                .contains("app.remote")
                .doesNotContain("hunter2");
    }

    @Test
    void liveRows_areThePlannersGuess_whenThereIsNoTimeToCount() throws SQLException {
        warehouse.run(
                "insert into app.source select i, case when i <= 900 then 'eu' else 'us' end, 0, 0"
                        + " from generate_series(1, 1000) i",
                "analyze app.source");

        assertThat(warehouse
                        .connector()
                        .catalog()
                        .liveRows(
                                warehouse
                                        .connector()
                                        .catalog()
                                        .table(TableName.parse("app.source"))
                                        .orElseThrow(),
                                List.of(REGION),
                                List.of(new Partition("eu", new Slice.Value("region", "eu"))),
                                Duration.ZERO))
                .containsOnly(Map.entry("eu", new LiveRows(900, LiveRows.Basis.ESTIMATED)));
    }

    @Test
    void nothingRemains_ofLooking() throws SQLException {
        reads("select * from app.late where region = :region");

        assertThat(warehouse.ask("select count(*) from pg_class where relname = 'bf_reads'"))
                .isEqualTo("0");
    }
}
