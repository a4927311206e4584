package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.ViewInfo;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which views DuckDB prints as showing one table as it is, and which table a view means. */
class PlainViewTest {
    private FileConnections connections;
    private Connector connector;

    @BeforeEach
    void setUp() throws SQLException {
        connections = FileConnections.open("", new Properties());
        connector = DuckDb.on(connections).open();
        run("create schema bi");
        run("create table bi.t (a integer, \"select\" varchar, \"Ä b\" date)");
        run("insert into bi.t (a) values (2)");
    }

    @AfterEach
    void tearDown() {
        connector.close();
        connections.close();
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private Optional<String> shown(String view) {
        return ((RepointsViews) connector)
                .view(TableName.parse(view))
                .flatMap(ViewInfo::shows)
                .map(ResolvedTable::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from bi.t",
                "from bi.t",
                "(select * from bi.t)",
                "table bi.t",
                "select a, \"select\", \"Ä b\" from bi.t"
            })
    void thesePrintAsPlain(String query) throws SQLException {
        run("create view bi.v as " + query);

        assertThat(shown("bi.v")).contains("bi.t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from bi.t u",
                "select t.a, t.\"select\", t.\"Ä b\" from bi.t",
                "select A, \"select\", \"Ä b\" from bi.t",
                "select * exclude (a) from bi.t",
                "select * from bi.t tablesample 10%",
                "select * from bi.t limit 5",
                "select * from bi.t order by all",
                "select * from bi.t, bi.t u",
                "select * from bi.m()",
                "with q as (select 1) select * from bi.t",
                "select * from bi.w",
                "select * from (select * from bi.t)"
            })
    void theseDoNot(String query) throws SQLException {
        run("create macro bi.m() as table select * from bi.t");
        run("create view bi.w as select * from bi.t");
        run("create view bi.v as " + query);

        assertThat(shown("bi.v")).isEmpty();
    }

    @Test
    void aViewWithColumnNamesOfItsOwn_isNotPlain() throws SQLException {
        run("create view bi.v (x, y, z) as select * from bi.t");

        assertThat(shown("bi.v")).isEmpty();
    }

    @Test
    void aTemporaryView_isNone() throws SQLException {
        run("create temporary view v as select * from bi.t");

        assertThat(((RepointsViews) connector).view(TableName.parse("v"))).isEmpty();
    }

    /** DuckDB looks for it in the view's own schema first, whoever reads the view. */
    @Test
    void aTableWithoutItsSchema_isTheOneBesideTheView() throws SQLException {
        run("create table main.t (a integer, \"select\" varchar, \"Ä b\" date)");
        run("insert into main.t (a) values (1)");
        run("create view bi.v as select * from t");
        run("create view main.v as select * from t");

        assertThat(ask("select a from bi.v")).isEqualTo("2");
        assertThat(shown("bi.v")).contains("bi.t");
        assertThat(ask("select a from main.v")).isEqualTo("1");
        assertThat(shown("main.v")).contains("main.t");
    }

    @Test
    void aTableThatOnlyASearchPathFinds_isNone() throws SQLException {
        run("create table main.only_there (a integer)");
        run("create view bi.v as select * from only_there");

        assertThat(ask("select count(*) from bi.v")).isEqualTo("0");
        assertThat(shown("bi.v")).isEmpty();
    }
}
