package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.ResolvedTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * DuckDB 2.0.0 mostly fails in an outer join over arrays of a fixed length ("Cannot cast list with length 140040857488504 to
 * array with length 2"), since it takes whatever is in memory for the length of an array in a row that isn't there. Whether
 * it does depends on that memory, so that no test asks for it.
 */
class ArrayColumnTest {
    @TempDir
    Path directory;

    @Test
    void aTargetWithAnArrayOfAFixedLength_isRefused_andOneWithAListIsNot() throws SQLException {
        Path file = directory.resolve("arrays.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            statement.execute("create table app.vectors (id bigint primary key, v float[384], l integer[],"
                    + " s struct(a varchar[2]))");
        }
        try (Connector connector = DuckDb.file(file).open()) {
            ResolvedTable table = connector
                    .catalog()
                    .table(TableName.parse("app.vectors"))
                    .orElseThrow()
                    .name();

            assertThat(connector.catalog().dependents(table))
                    .extracting(Dependent::name, Dependent::swap, Dependent::replace)
                    .containsExactly(
                            tuple("v FLOAT[384]", Dependent.Fate.REFUSED, Dependent.Fate.REFUSED),
                            tuple("s STRUCT(a VARCHAR[2])", Dependent.Fate.REFUSED, Dependent.Fate.REFUSED));
        }
    }
}
