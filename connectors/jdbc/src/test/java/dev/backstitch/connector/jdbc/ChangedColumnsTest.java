package dev.backstitch.connector.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ChangedColumnsTest {
    @Test
    void anyName_isReadAsItWasWritten() {
        Map<String, Long> changed = Map.of("delay", 12L, "a=1&b", 3L, "größe %26", 4_711L, "two\nlines", 1L);

        assertThat(ChangedColumns.read(ChangedColumns.written(changed))).isEqualTo(changed);
        assertThat(ChangedColumns.written(Map.of("delay_class", 2L, "delay", 1L)))
                .isEqualTo("delay=1&delay_class=2");
    }

    @Test
    void nothing_isNothing() {
        assertThat(ChangedColumns.written(Map.of())).isEmpty();
        assertThat(ChangedColumns.read("")).isEmpty();
        assertThat(ChangedColumns.read(null)).isEmpty();
    }
}
