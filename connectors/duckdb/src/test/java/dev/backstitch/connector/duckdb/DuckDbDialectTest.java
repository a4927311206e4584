package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.jdbc.Dialect.Moment;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What DuckDB's own words come to mean. */
class DuckDbDialectTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TransactionContext Error: Conflict on update!                             | STATEMENT | CONFLICT
            TransactionContext Error: Failed to commit: write-write conflict on key   | COMMIT    | CONFLICT
            INTERRUPT Error: Interrupted!                                             | STATEMENT | CANCELLED
            Out of Memory Error: failed to allocate data                              | STATEMENT | NO_SPACE
            IO Error: Could not write: No space left on device                        | COMMIT    | NO_SPACE
            Catalog Error: Table with name x does not exist!                          | STATEMENT | STATEMENT_REFUSED
            Something that was never heard of                                         | COMMIT    | CONNECTION_LOST
            FATAL Error: Failed: database has been invalidated                        | STATEMENT | DATABASE_UNAVAILABLE
            FATAL Error: Failed to rollback transaction.                              | COMMIT    | CONNECTION_LOST
            """)
    void errors_areToldApart_byTheirText(String text, Moment moment, ErrorCode code) {
        BackstitchException failure = translated(text + "\nand a row: 4711", moment);

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessageContaining("the work failed: " + text).hasMessageNotContaining("4711");
        assertThat(String.valueOf(failure.getMessage()).contains("restart the process"))
                .isEqualTo(text.startsWith("FATAL"));
    }

    private static BackstitchException translated(String text, Moment moment) {
        return new DuckDbDialect().translated("the work", new SQLException(text), moment);
    }
}
