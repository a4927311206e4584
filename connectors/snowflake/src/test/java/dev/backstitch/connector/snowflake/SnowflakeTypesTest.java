package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spi.Column.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnowflakeTypesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    bigint | NUMBER(38,0)
                    Integer | NUMBER(38,0)
                    decimal(10, 2) | NUMBER(10,2)
                    numeric(5) | NUMBER(5,0)
                    number | NUMBER(38,0)
                    double precision | FLOAT
                    string | VARCHAR(16777216)
                    varchar( 12 ) | VARCHAR(12)
                    char | VARCHAR(1)
                    timestamp | TIMESTAMP_NTZ(9)
                    timestamp_tz(3) | TIMESTAMP_TZ(3)
                    timestamp with local time zone | TIMESTAMP_LTZ(9)
                    time | TIME(9)
                    binary | BINARY(8388608)
                    boolean | BOOLEAN
                    variant | VARIANT
                    date | DATE
                    """)
    void aType_hasOneSpelling(String type, String normal) {
        assertThat(SnowflakeTypes.normal(type)).isEqualTo(normal);
        assertThat(SnowflakeTypes.normal(normal)).isEqualTo(normal);
    }

    @Test
    void aType_isOfAFamily() {
        assertThat(SnowflakeTypes.family("DATE")).isEqualTo(Family.DATE);
        assertThat(SnowflakeTypes.family("TIMESTAMP_NTZ(9)")).isEqualTo(Family.LOCAL_TIMESTAMP);
        assertThat(SnowflakeTypes.family("TIMESTAMP_LTZ(9)")).isEqualTo(Family.INSTANT);
        assertThat(SnowflakeTypes.family("NUMBER(10,2)")).isEqualTo(Family.NUMBER);
        assertThat(SnowflakeTypes.family("TEXT")).isEqualTo(Family.TEXT);
        assertThat(SnowflakeTypes.family("GEOGRAPHY")).isEqualTo(Family.OTHER);
        assertThat(SnowflakeTypes.isSemiStructured("OBJECT")).isTrue();
        assertThat(SnowflakeTypes.isSemiStructured("BOOLEAN")).isFalse();
    }
}
