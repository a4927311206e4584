package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.spec.Compute;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One measure for a whole process: the largest that is asked for, and what it was before when nobody asks. */
class SharedComputeTest {
    private FileConnections connections;
    private SharedCompute shared;
    private String before;

    @BeforeEach
    void setUp() throws SQLException {
        connections = FileConnections.open("", new Properties());
        shared = new SharedCompute(new Database(connections, new DuckDbDialect()));
        run("set global threads = 2");
        before = settings();
    }

    @AfterEach
    void tearDown() {
        connections.close();
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String settings() throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select current_setting('threads') || '/' || current_setting('memory_limit')")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Compute compute(int threads, long megabytes) {
        return new Compute(OptionalInt.of(threads), OptionalLong.of(megabytes), Optional.empty());
    }

    @Test
    void theLargest_isForAll_andTheLastOne_leavesWhatWasBefore() throws SQLException {
        shared.begin(compute(3, 300));
        assertThat(settings()).isEqualTo("3/300.0 MiB");
        shared.begin(compute(4, 200));
        assertThat(settings()).isEqualTo("4/300.0 MiB");
        shared.end(compute(3, 300));
        assertThat(settings()).isEqualTo("4/200.0 MiB");
        shared.end(compute(4, 200));
        assertThat(settings()).isEqualTo(before);
    }

    @Test
    void whatSomebodySetBefore_isSetAgain() throws SQLException {
        run("set global memory_limit = '400MiB'");

        shared.begin(compute(3, 300));
        shared.end(compute(3, 300));

        assertThat(settings()).isEqualTo("2/400.0 MiB");
    }

    @Test
    void whatIsNotAskedFor_staysAsItIs() throws SQLException {
        Compute threads = new Compute(OptionalInt.of(5), OptionalLong.empty(), Optional.empty());

        shared.begin(threads);

        assertThat(settings()).isEqualTo("5" + before.substring(1));
        shared.end(threads);
        assertThat(settings()).isEqualTo(before);
    }

    @Test
    void whatDuckDbRefuses_isNotHalfSet() throws SQLException {
        BackstitchException refused =
                catchThrowableOfType(BackstitchException.class, () -> shared.begin(compute(0, 300)));

        assertThat(refused).isNotNull();
        assertThat(settings()).isEqualTo(before);
        shared.begin(compute(3, 300));
        shared.end(compute(3, 300));
        assertThat(settings()).isEqualTo(before);
    }

    /** As where one of the two settings was refused after the other had been made. */
    @Test
    void whateverTheyAreByThen_theyAreSetBack() throws SQLException {
        shared.begin(compute(3, 300));
        run("set global threads = 7");
        run("set global memory_limit = '200MiB'");

        shared.end(compute(3, 300));

        assertThat(settings()).isEqualTo(before);
    }
}
