package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.TableInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Names that need quotes, types that have no equality, columns in another order. */
class OddTablesTest {
    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private Work work(TableInfo table, String day, String key, String sql, boolean swap) {
        return Work.of(
                warehouse,
                table,
                day,
                key,
                sql,
                new Shadow<>(swap ? Seed.WHOLE_TARGET : Seed.SCOPE_OF_TARGET, List.of()),
                swap ? new Publish.SwapTable(Duration.ofDays(1)) : new Publish.ReplacePartitions(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void names_ofAnyKind_surviveAPublishAndARollback(boolean swap) throws SQLException {
        String table = "\"" + "\"\"Flüge. ?".repeat(5) + "{0} :x $1\\'\"";
        String qualified = "\"My Schema\"." + table;
        warehouse.run(
                "create schema \"My Schema\"",
                "create table " + qualified
                        + " (\"Id\" bigserial constraint \"the 'key'\" primary key, \"The Day\" date,"
                        + " \"sel\"\"ect ?\" text default 'it''s \\', \"{0}\" int generated always as identity)",
                "insert into " + qualified
                        + " (\"The Day\") select date '2001-01-01' + i % 5 from generate_series(0, 9) i",
                "comment on column " + qualified + ".\"sel\"\"ect ?\" is 'why \\ not?'",
                "create index on " + qualified + " (lower(\"sel\"\"ect ?\"))");
        String exact = warehouse.ask("select relname from pg_class where relname like '%Flüge%' and relkind = 'r'");
        TableInfo target = warehouse
                .connector()
                .catalog()
                .table(new TableName(List.of("My Schema", exact)))
                .orElseThrow();
        String before = warehouse.rows("select * from " + qualified);
        Work work = work(
                        target,
                        "The Day",
                        "Id",
                        "select \"{0}\", 'new' as \"sel\"\"ect ?\", \"The Day\", \"Id\" from " + qualified
                                + " where \"The Day\" >= :partition_start and \"The Day\" < :partition_end"
                                + " and '?' <> ':x'",
                        swap)
                .ready()
                .published();
        assertThat(warehouse.ask("select count(*) from " + qualified + " where \"sel\"\"ect ?\" = 'new'"))
                .isEqualTo("6");
        warehouse.run("insert into " + qualified + " (\"The Day\") values ('2001-01-05')");
        assertThat(warehouse.ask("select max(\"Id\") || '/' || max(\"{0}\") from " + qualified))
                .isEqualTo("11/11");
        work.rollBack(swap ? 1 : 0);
        warehouse.run("delete from " + qualified + " where \"Id\" = 11");
        assertThat(warehouse.rows("select * from " + qualified)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void values_ofEveryType_areComparedAndCarried(boolean swap) throws SQLException {
        warehouse.run(
                "create type mood as enum ('sad', 'glad')",
                "create type pair as (a int, b text)",
                "create domain even as int check (value % 2 = 0)",
                "create table odd (day date, js json, jb jsonb, x xml, ar int[], ja json[], f double precision, r real,"
                        + " n numeric, ts timestamp, tz timestamptz(3), iv interval, by bytea, b boolean, m mood, p pair, pt point,"
                        + " tv tsvector, u uuid, ip inet, bi bit(3), mo money, ev even, ch char(4), rg int4range, id bigint primary"
                        + " key)",
                "insert into odd select date '2001-01-01' + i % 5, '{\"a\" : 1}', '{\"a\": [1, null]}', '<a b=\"c\"/>',"
                        + " array[1, null, i], array['1'::json], case i % 3 when 0 then 'NaN' when 1 then '-Infinity' else 0.1 end,"
                        + " -0.0, 1.10 + i, timestamp '2001-01-01 01:02:03.000001', 'infinity', '1 mon -2 days', '\\x00ff', i > 5,"
                        + " 'glad', '(1,)'::pair, '(1,2)', 'a fat cat', gen_random_uuid(), '10.0.0.0/8', b'101', 12.34, 2 * i,"
                        + " 'ab', '[1,5)', i from generate_series(0, 19) i",
                "update odd set js = null, f = null, n = 'NaN', ts = null, p = null where id = 10",
                "create table source as select * from odd",
                "update source set js = '{\"a\":  2}', n = n + 1, ja = null, f = 'NaN' where id = 0",
                "update source set p = '(1,x)', pt = '(3,4)', m = 'sad' where id = 5",
                "update source set n = 1.100 + id where id = 15");
        Work work = work(
                        warehouse.table("odd"),
                        "day",
                        "id",
                        "select id, rg, ch, ev, mo, bi, ip, u, tv, pt, p, m, b, \"by\", iv, tz, ts, n, r, f, ja, ar, x, jb, js, day"
                                + " from source where day >= :partition_start and day < :partition_end",
                        swap)
                .seeded();
        MergeCounts first = work.merge(0);
        assertThat(first)
                .extracting(MergeCounts::updated, MergeCounts::unchanged)
                .containsExactly(2L, 2L);
        assertThat(work.merge(1).unchanged()).isEqualTo(4);
        assertThat(work.merge(2).unchanged()).isEqualTo(4);
        String outside = warehouse.rows("select * from odd where day > '2001-01-03'");
        work.audited().published();
        String differing = "select o::text from odd o except select (s).r::text from"
                + " (select row(s.day, js, jb, x, ar, ja, f, r, n, ts, tz, iv, by, b, m, p, pt, tv, u, ip, bi, mo, ev, ch, rg, id)"
                + " as r from source s) s";
        // 1.10 and 1.100 are equal, so that the former one is kept.
        assertThat(warehouse.rows("select * from (" + differing + ") d"))
                .contains("16.10")
                .hasLineCount(1);
        assertThat(warehouse.rows("select * from odd where day > '2001-01-03'")).isEqualTo(outside);
        work.rollBack(0);
        assertThat(warehouse.ask("select js from odd where id = 0")).isEqualTo("{\"a\" : 1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timestamp", "timestamptz"})
    void days_ofATimestamp_areUtc_whateverTheServersZone(String type) throws SQLException {
        warehouse.run(
                "alter database " + warehouse.ask("select current_database()") + " set timezone = 'Asia/Tokyo'",
                "set timezone = 'UTC'",
                "create table seen (id bigint primary key, day " + type + ")",
                "insert into seen values (1, '2001-01-01 00:00'), (2, '2001-01-01 23:59:59.999999'),"
                        + " (3, '2000-12-31 23:59:59.999999'), (4, '2001-01-04 00:00')",
                "create table source as select * from seen where id <> 2");
        Work work = work(
                warehouse.table("seen"),
                "day",
                "id",
                "select * from source where day >= :partition_start and day < :partition_end",
                false);
        Work deleting = work.with(Runs.deletingMissing(work.order())).ready();
        assertThat(deleting.publish().rows()).isEqualTo(2);
        assertThat(warehouse.ask("select string_agg(id::text, ',' order by id) from seen"))
                .isEqualTo("1,3,4");
    }

    @Test
    void rows_thatAPolicyWouldHide_areNeverLeftOut() throws SQLException {
        warehouse.run(
                "do $$ begin create role tenant login; exception when duplicate_object then null; end $$",
                "grant create on database " + warehouse.ask("select current_database()") + " to tenant",
                "create table t (id bigint primary key, day date)",
                "insert into t select i, date '2001-01-01' + i % 3 from generate_series(0, 9) i",
                "alter table t owner to tenant",
                "grant all on schema public to tenant",
                "create table source as select * from t",
                "grant select on source to tenant",
                "alter table t enable row level security",
                "alter table t force row level security",
                "create policy low on t using (id < 5)");
        PGSimpleDataSource source = warehouse.source(Server.port());
        source.setUser("tenant");
        Work work =
                Work.replacing(warehouse, "t", "source").on(Postgres.on(source).open());
        assertThat(Refusal.refusalOf(work::ready).getMessage()).contains("row-level security");
        assertThat(warehouse.ask("select count(*) from t")).isEqualTo("10");
        warehouse.run("drop owned by tenant cascade", "drop role tenant");
    }
}
