package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.connector.jdbc.Dialect.Moment;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import java.lang.reflect.Proxy;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnowflakeDialectTest {
    private final SnowflakeDialect dialect = new SnowflakeDialect();

    private static Column column(String type) {
        return new Column("C", type, SnowflakeTypes.family(type), Nullability.NULLABLE, Origin.WRITTEN);
    }

    private static String rendered(Field<?> field) {
        return DSL.using(SQLDialect.DEFAULT).renderInlined(field);
    }

    @Test
    void times_areBoundAsText_andCastToTheColumnsType() {
        Instant instant = Instant.parse("2024-03-31T01:30:00Z");
        assertThat(rendered(dialect.literal(LocalDate.of(2001, 1, 2), column("DATE"))))
                .isEqualTo("cast('2001-01-02' as DATE)");
        assertThat(rendered(dialect.literal(LocalDate.of(2001, 1, 2), column("TIMESTAMP_NTZ(9)"))))
                .isEqualTo("cast('2001-01-02 00:00:00.000000000' as TIMESTAMP_NTZ(9))");
        assertThat(rendered(dialect.literal(instant, column("TIMESTAMP_LTZ(9)"))))
                .isEqualTo("cast('2024-03-31T01:30:00.000000000+00:00' as TIMESTAMP_LTZ(9))");
        assertThat(rendered(dialect.literal(instant, column("TIMESTAMP_NTZ(9)"))))
                .isEqualTo("cast('2024-03-31 01:30:00.000000000' as TIMESTAMP_NTZ(9))");
        assertThat(dialect.marker(dialect.bound(7L, column("NUMBER(38,0)")), column("NUMBER(38,0)")))
                .isEqualTo("cast(? as bigint)");
    }

    @Test
    void theDriver_isGivenNoJavaTime() throws SQLException {
        List<String> bound = new ArrayList<>();
        PreparedStatement statement = (PreparedStatement) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PreparedStatement.class}, (proxy, method, arguments) -> {
                    bound.add(method.getName() + Arrays.toString(arguments));
                    return null;
                });

        dialect.bind(statement, 1, LocalDate.of(2001, 1, 2));
        dialect.bind(statement, 2, LocalDateTime.of(2001, 1, 2, 3, 4));
        dialect.bind(statement, 3, Instant.EPOCH.atOffset(ZoneOffset.UTC));
        dialect.bind(statement, 4, null);
        dialect.bind(statement, 5, 7L);

        assertThat(bound)
                .containsExactly(
                        "setString[1, 2001-01-02]",
                        "setString[2, 2001-01-02 03:04:00.000000000]",
                        "setString[3, 1970-01-01T00:00:00.000000000+00:00]",
                        "setNull[4, 12]",
                        "setObject[5, 7]");
    }

    @ParameterizedTest
    @CsvSource({
        "625, 57014, STATEMENT, CONFLICT",
        "604, 57014, STATEMENT, CANCELLED",
        "630, 57014, STATEMENT, TIMED_OUT",
        "3001, 42501, STATEMENT, PRIVILEGE_MISSING",
        "2003, 42S02, STATEMENT, STATEMENT_REFUSED",
        "200015, 58030, STATEMENT, DATABASE_UNAVAILABLE",
        "200015, 58030, COMMIT, CONNECTION_LOST",
        "9998, 25P02, COMMIT, CONFLICT",
        "390100, 08001, CONNECT, DATABASE_UNAVAILABLE"
    })
    void aFailure_isWhatItsNumberAndMomentSay(int number, String state, Moment moment, ErrorCode code) {
        BackstitchException failure = dialect.translated(
                "publish of A.T", new SQLException("SQL compilation error:\nno such thing.", state, number), moment);

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessageContaining("publish of A.T failed: no such thing (Snowflake's " + number + ")");
    }

    @Test
    void aQuestionMark_isRefused() {
        assertThatThrownBy(dialect::questionMark)
                .isInstanceOfSatisfying(
                        BackstitchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }

    @Test
    void semiStructuredValues_areComparedAsJson() {
        Field<?> value = DSL.field(DSL.name("C"));
        assertThat(rendered(dialect.comparable(column("VARIANT"), value))).isEqualTo("to_json(\"C\")");
        assertThat(dialect.comparable(column("DATE"), value)).isSameAs(value);
        assertThat(column("VARIANT").family()).isEqualTo(Family.OTHER);
    }
}
