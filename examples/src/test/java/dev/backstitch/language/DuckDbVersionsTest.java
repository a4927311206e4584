package dev.backstitch.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spi.Connector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DuckDbVersionsTest extends VersionsContract {
    @Override
    Connector connector() {
        return DuckDb.file(directory.resolve("shop.duckdb")).open();
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("shop.duckdb"));
    }

    @Test
    void aViewOfANamesake_isNoneOfTheTarget() throws SQLException {
        execute(
                "create schema attic",
                "create table attic.revenue_v1 as select * from bi.revenue_v1",
                "create view attic.shown as select * from attic.revenue_v1");
        try (Backstitch backstitch = open(behindTheView())) {
            published(backstitch, behindTheView());
        }
        assertThat(rows("select distinct label from attic.shown")).containsExactly("old");
    }

    /** DuckDB forgets those of a view when it is replaced. */
    @Test
    void comments_areTheSameAfterwards_andAfterTheRollback() throws SQLException {
        execute(
                "comment on view bi.revenue is 'for everybody''s eyes'",
                "comment on column bi.revenue.label is 'shown'",
                "comment on table bi.revenue_v1 is 'the team''s'",
                "comment on column bi.revenue_v1.label is 'kept'");
        try (Backstitch backstitch = open(behindTheView())) {
            String run = published(backstitch, behindTheView()).run();
            assertComments("bi.revenue_[0-9a-f]{12}");

            backstitch.rollback(run);
        }
        assertComments("bi.revenue_v1");
    }

    private void assertComments(String shown) throws SQLException {
        String table = rows("select sql from duckdb_views() where view_name = 'revenue'")
                .get(0)
                .replaceFirst(".* FROM (" + shown + ");?", "$1");
        assertThat(table).matches(shown);
        String name = table.substring("bi.".length());
        assertThat(rows("select comment from duckdb_views() where view_name = 'revenue' union all"
                        + " select comment from duckdb_columns() where table_name = 'revenue' and column_name = 'label'"
                        + " union all select comment from duckdb_tables() where table_name = '" + name + "' union all"
                        + " select comment from duckdb_columns() where table_name = '" + name
                        + "' and column_name = 'label'"))
                .containsExactlyInAnyOrder("for everybody's eyes", "shown", "the team's", "kept");
    }
}
