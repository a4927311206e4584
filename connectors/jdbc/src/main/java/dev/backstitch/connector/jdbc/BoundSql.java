package dev.backstitch.connector.jdbc;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement as the driver takes it.
 *
 * @param text with a question mark for each value
 * @param binds the values, in order
 */
public record BoundSql(String text, List<@Nullable Object> binds) {
    public BoundSql {
        requireNonNull(text, "text");
        binds = Collections.unmodifiableList(new ArrayList<>(binds));
    }
}
