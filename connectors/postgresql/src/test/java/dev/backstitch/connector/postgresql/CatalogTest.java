package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.TableInfo.Kind;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Names, kinds, columns and privileges as PostgreSQL sees them. */
class CatalogTest {
    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create schema app",
                "create schema \"App\"",
                "create table app.flights (low int)",
                "create table app.\"Flights\" (exact int)",
                "create table \"App\".only_here (id int)",
                "create table in_public (id int)");
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private String found(String... parts) {
        return warehouse
                .connector()
                .catalog()
                .table(new TableName(List.of(parts)))
                .map(table -> table.name().toString())
                .orElse("nothing");
    }

    @Test
    void name_meansTheExactTable_elseTheFoldedOne() throws SQLException {
        assertThat(found("app", "Flights")).isEqualTo("app.Flights");
        assertThat(found("app", "FLIGHTS")).isEqualTo("app.flights");
        assertThat(found("APP", "flights")).isEqualTo("app.flights");
        assertThat(found("App", "only_here")).isEqualTo("App.only_here");
        assertThat(found("App", "Flights")).isEqualTo("app.Flights");
        assertThat(found("In_Public")).isEqualTo("public.in_public");
        assertThat(found("flights")).isEqualTo("nothing");
        assertThat(found(warehouse.ask("select current_database()"), "app", "flights"))
                .isEqualTo("app.flights");
        assertThat(found("elsewhere", "app", "flights")).isEqualTo("nothing");
        assertThat(found("app", "flights" + "x".repeat(60))).isEqualTo("nothing");
        assertThat(found("app", "fl\"; drop table app.flights; --")).isEqualTo("nothing");
    }

    @Test
    void name_ofSixtyThreeBytes_isItself() throws SQLException {
        String longest = "ü".repeat(31) + "x";
        warehouse.run("create table app.\"" + longest + "\" (id int)");
        assertThat(found("app", longest)).isEqualTo("app." + longest);
        assertThat(found("app", longest + "y")).isEqualTo("nothing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "TABLE; create table app.x (id int)",
                "VIEW; create view app.x as select 1 as id",
                "VIEW; create materialized view app.x as select 1 as id",
                "OTHER; create table app.x (id int) partition by range (id)",
                "OTHER; create unlogged table app.x (id int)",
                "OTHER; create sequence app.x",
                "OTHER; create table app.x (id int)| create table app.child () inherits (app.x)",
                "OTHER; create table app.parent (id int)| create table app.x () inherits (app.parent)",
                "OTHER; create table app.parent (id int) partition by list (id)|"
                        + " create table app.x partition of app.parent for values in (1)",
                "OTHER; create extension file_fdw| create server files foreign data wrapper file_fdw|"
                        + " create foreign table app.x (id int) server files options (filename '/dev/null')"
            })
    void kind_isATable_onlyForAPlainOne(Kind kind, String statements) throws SQLException {
        warehouse.run(statements.split("[|]"));
        assertThat(warehouse.table("app.x").kind()).isEqualTo(kind);
    }

    @Test
    void columns_haveTheirTypesAndFamilies() throws SQLException {
        warehouse.run(
                "create domain app.weekday as date check (value > '1900-01-01')",
                "create type app.mood as enum ('sad')",
                "create table app.x (gone int, d date, w app.weekday, t timestamp(3), z timestamptz not null, n numeric(9,2),"
                        + " c varchar(12), m app.mood, j json, g int generated always as (gone_not + 1) stored, gone_not int,"
                        + " i bigint generated always as identity)",
                "alter table app.x drop column gone");
        assertThat(warehouse.table("app.x").columns())
                .extracting(Column::name, Column::type, Column::family)
                .containsExactly(
                        tuple("d", "date", Family.DATE),
                        tuple("w", "app.weekday", Family.DATE),
                        tuple("t", "timestamp(3) without time zone", Family.LOCAL_TIMESTAMP),
                        tuple("z", "timestamp with time zone", Family.INSTANT),
                        tuple("n", "numeric(9,2)", Family.NUMBER),
                        tuple("c", "character varying(12)", Family.TEXT),
                        tuple("m", "app.mood", Family.OTHER),
                        tuple("j", "json", Family.OTHER),
                        tuple("g", "integer", Family.NUMBER),
                        tuple("gone_not", "integer", Family.NUMBER),
                        tuple("i", "bigint", Family.NUMBER));
        assertThat(warehouse.table("app.x").columns())
                .filteredOn(column -> column.origin() == Column.Origin.GENERATED)
                .extracting(Column::name)
                .containsExactly("g");
    }

    @Test
    void uniqueKeys_areThoseThatHoldForEveryRow() throws SQLException {
        warehouse.run(
                "create table app.x (a int, b int, c int, primary key (b, a))",
                "create unique index on app.x (c) include (a)",
                "create unique index on app.x (a) where b > 1",
                "create unique index on app.x ((a + b))",
                "create index on app.x (a)");
        assertThat(warehouse.table("app.x").uniqueKeys()).containsExactly(List.of("b", "a"), List.of("c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "alter table app.x add column more int",
                "alter table app.x drop column b",
                "alter table app.x alter a set not null",
                "alter table app.x alter a set default 3",
                "alter table app.x alter a type bigint",
                "alter table app.x rename a to z",
                "alter table app.x add check (a > 0)",
                "alter table app.x add unique (a)",
                "create unique index on app.x (b)"
            })
    void structure_changesWithWhatCounts(String change) throws SQLException {
        warehouse.run("create table app.x (a int, b int)", "create index on app.x (a)");
        TableInfo before = warehouse.table("app.x");
        warehouse.run("comment on table app.x is 'x'", "grant select on app.x to public", "analyze app.x");
        assertThat(warehouse.table("app.x").structure()).isEqualTo(before.structure());
        warehouse.run(change);
        assertThat(warehouse.table("app.x").structure()).isNotEqualTo(before.structure());
        assertThat(warehouse.table("app.x").identity()).isEqualTo(before.identity());
    }

    private static final Column DAY =
            new Column("d", "date", Family.DATE, Column.Nullability.NULLABLE, Column.Origin.WRITTEN);
    private static final Partition SAMPLE =
            new Partition("1", new Slice.Days("d", LocalDate.EPOCH, LocalDate.EPOCH.plusDays(1)));

    @Test
    void columnsOf_aQuery_areFoundWithoutRunningIt() throws SQLException {
        warehouse.run(
                "create function app.boom() returns int language plpgsql volatile as $$ begin raise 'ran'; end $$");
        assertThat(warehouse
                        .connector()
                        .catalog()
                        .columnsOf(
                                SqlTemplate.parse(
                                        "select app.boom() as b, date '2001-01-01' as \"D\", '{}'::jsonb ? 'x' as h"
                                                + " from (select :partition_start as s) s where s < :partition_end"),
                                SAMPLE,
                                List.of(DAY)))
                .extracting(Column::name, Column::family)
                .containsExactly(tuple("b", Family.NUMBER), tuple("D", Family.DATE), tuple("h", Family.OTHER));
        assertThat(refusalOf(() -> warehouse
                                .connector()
                                .catalog()
                                .columnsOf(SqlTemplate.parse("select nope from app.flights"), SAMPLE, List.of(DAY)))
                        .code())
                .isEqualTo(ErrorCode.SOURCE_INVALID);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "int; integer",
                "INT8; bigint",
                "varchar(12); character varying(12)",
                "timestamp(3) with time zone; timestamp(3) with time zone",
                "timestamptz(3); timestamp(3) with time zone",
                "decimal(9, 2); numeric(9,2)",
                "text[]; text[]",
                "nonsense; nonsense",
                "int)--; int)--"
            })
    void normalType_isTheDatabasesOwn(String type, String normal) {
        assertThat(warehouse.connector().catalog().normalType(type)).isEqualTo(normal);
    }

    @Test
    void missingPrivileges_areNamed() throws SQLException {
        warehouse.run(
                "do $$ begin create role stranger login; exception when duplicate_object then null; end $$",
                "create table app.x (id bigint primary key, day date)",
                "grant usage on schema app to stranger",
                "grant all on app.x to stranger");
        Work work = Work.replacing(warehouse, "app.x", "app.x");
        PGSimpleDataSource source = warehouse.source(Server.port());
        source.setUser("stranger");
        try (Connector stranger = Postgres.on(source).open()) {
            assertThat(stranger.catalog().missingPrivileges(work.order()))
                    .extracting(Problem::code, Problem::expected)
                    .containsExactly(
                            tuple(ErrorCode.PRIVILEGE_MISSING, "the owner of app.x, or a member of the owner's role"),
                            tuple(ErrorCode.PRIVILEGE_MISSING, "CREATE on schema app"),
                            tuple(
                                    ErrorCode.PRIVILEGE_MISSING,
                                    "a schema backstitch to create in, or CREATE on the database"));
        }
        assertThat(warehouse.connector().catalog().missingPrivileges(work.order()))
                .isEmpty();
        warehouse.run("drop owned by stranger", "drop role stranger");
    }
}
