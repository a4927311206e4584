package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.ask;
import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which tables can be fenced at all, and what the fence costs on a large one. */
class FenceLimitsProbeTest {

    record Kind(String name, String... ddl) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String PLAIN = "create table target (id int primary key, v int)";
    private static final String[] FENCE = {
        "alter table target add column fence int", "alter table target drop column fence"
    };

    static Stream<Arguments> fenceable() {
        return versionsTimes(
                new Kind("plain", PLAIN),
                new Kind("unique", "create table target (id int unique, v int)"),
                new Kind("not null", "create table target (id int primary key, v int not null)"),
                new Kind("check", "create table target (id int primary key, v int check (v > 0))"),
                new Kind("default", "create table target (id int primary key, v int default 5)"),
                new Kind(
                        "generated",
                        "create table target (id int primary key, v int, w int generated always as (v + 1) virtual)"),
                new Kind(
                        "sequence",
                        "create sequence ids",
                        "create table target (id int primary key default nextval('ids'), v int)"),
                new Kind("view", PLAIN, "create view on_target as select * from target"),
                new Kind(
                        "comments",
                        PLAIN,
                        "comment on table target is 'of the table'",
                        "comment on column target.v is 'of the column'"),
                new Kind(
                        "outbound key",
                        "create table parent (id int primary key)",
                        "insert into parent values (1), (2)",
                        "create table target (id int primary key references parent (id), v int)"));
    }

    static Stream<Arguments> unfenceable() {
        return versionsTimes(
                new Kind("inbound key", PLAIN, "create table child (id int references target (id))"),
                new Kind("index that stays", PLAIN, "create index target_v on target (v)"));
    }

    private static Stream<Arguments> versionsTimes(Kind... kinds) {
        return DuckDbVersion.all().flatMap(version -> Stream.of(kinds).map(kind -> Arguments.of(version, kind)));
    }

    @ParameterizedTest
    @MethodSource("fenceable")
    void fence_leavesTheTableAsItWas(DuckDbVersion version, Kind kind) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            run(connection, kind.ddl);
            run(connection, "insert into target (id, v) values (1, 10), (2, 20)");
            String before = shape(connection);
            run(connection, "begin");
            run(connection, FENCE);
            run(connection, "delete from target where id = 1", "insert into target (id, v) values (1, 11)", "commit");

            assertThat(shape(connection)).isEqualTo(before);
            assertThat(ask(connection, "select sum(v) from target")).isEqualTo("31");
        }
    }

    @ParameterizedTest
    @MethodSource("unfenceable")
    void fence_isRefused_whenSomethingDependsOnTheTable(DuckDbVersion version, Kind kind) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            run(connection, kind.ddl);
            run(connection, "begin");

            assertThatThrownBy(() -> run(connection, FENCE)).hasMessageContaining("Dependency Error");
            run(connection, "rollback");
        }
    }

    private static String shape(Connection connection) throws SQLException {
        return ask(connection, "select sql || coalesce(comment, '') from duckdb_tables() where table_name = 'target'")
                + ask(
                        connection,
                        "select string_agg(column_name || coalesce(comment, ''), ' ' order by column_index)"
                                + " from duckdb_columns() where table_name = 'target'")
                + ask(
                        connection,
                        "select string_agg(constraint_text, ' ' order by constraint_text)"
                                + " from duckdb_constraints() where table_name = 'target'");
    }

    @ParameterizedTest
    @MethodSource("dev.backstitch.connector.duckdb.probe.DuckDbVersion#all")
    @Tag("fault")
    void fence_costsLittle_onALargeTable(DuckDbVersion version, @TempDir Path directory) throws SQLException {
        for (int rows : new int[] {100_000, 1_000_000, 5_000_000}) {
            File file = directory.resolve(rows + ".duckdb").toFile();
            try (Connection connection = version.databaseIn(file).connect()) {
                run(
                        connection,
                        "create table target (id int primary key, v int, name varchar)",
                        "insert into target select i, i, 'name ' || i from range(%d) r(i)".formatted(rows),
                        "checkpoint");
                long size = file.length();
                long start = System.nanoTime();
                run(connection, "begin");
                run(connection, FENCE);
                run(connection, "update target set v = v + 1 where id = 5", "commit");
                long millis = (System.nanoTime() - start) / 1_000_000;
                run(connection, "checkpoint");
                System.out.printf(
                        "%s, %,d rows: fenced in %d ms, file of %,d KB grew by %,d KB%n",
                        version, rows, millis, size / 1024, (file.length() - size) / 1024);
                assertThat(millis).isLessThan(2_000);
            }
        }
    }
}
