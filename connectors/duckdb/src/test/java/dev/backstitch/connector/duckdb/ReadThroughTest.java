package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Reads;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a query reads through: macros behind views, and what of it DuckDB doesn't tell. */
class ReadThroughTest {
    private static final Column REGION =
            new Column("region", "VARCHAR", Column.Family.TEXT, Column.Nullability.NULLABLE, Column.Origin.WRITTEN);

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void begin() throws SQLException {
        file = directory.resolve("reads.duckdb");
        run(
                "create schema app",
                "create table app.source (id integer, region varchar, delay integer)",
                "create macro app.inner_one(x) as x + 1",
                "create macro app.classed(d) as case when app.inner_one(d) > 15 then 'late' else 'on time' end",
                "create macro app.rows_of(r) as table select * from app.source where region = r",
                "create view app.\" odd as (name\" (id, region, class) as select id, region, app.classed(delay) from app.source",
                "create view main.source as select 1 as other");
    }

    private void run(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private Reads reads(String query) {
        try (Connector connector = DuckDb.file(file).open()) {
            return connector
                    .catalog()
                    .reads(
                            SqlTemplate.parse(query),
                            new Partition("eu", new Slice.Value("region", "eu")),
                            List.of(REGION))
                    .orElseThrow();
        }
    }

    @Test
    void macrosAndViews_areSeen_withWhatTheyReadInTurn() {
        Reads reads = reads("select v.* from app.\" odd as (name\" v join app.rows_of('eu') r using (id)"
                + " where v.region = :partition");

        assertThat(reads.seen().stream().map(Reads.Definition::toString))
                .containsExactly(
                        "column class of the query",
                        "column id of the query",
                        "column region of the query",
                        "macro app.classed",
                        "macro app.inner_one",
                        "macro app.rows_of",
                        "view app. odd as (name");
    }

    @Test
    void aMacroBehindAView_changesWhatIsRead() throws SQLException {
        String query = "select * from app.\" odd as (name\" where region = :partition";
        Reads before = reads(query);

        run("create or replace macro app.inner_one(x) as x + 2");

        assertThat(reads(query).seen())
                .filteredOn(seen -> !before.seen().contains(seen))
                .extracting(Reads.Definition::name)
                .containsExactly("app.inner_one");
    }

    @Test
    void whatIsNotSeen_isSaid() {
        assertThat(reads("pivot app.source on region using count(*)").unseen())
                .contains("which views and macros the query reads");
    }
}
