package dev.backstitch.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception that Backstitch throws for what is wrong with a backfill, its database or its state.
 *
 * <p>The message says what failed, on which object, what was expected and found, in which state the data are, and what
 * to do next; it never holds row values, binds or credentials beyond bounded examples of keys. Programming errors are
 * {@link NullPointerException}, {@link IllegalArgumentException} and {@link IllegalStateException} instead.
 */
public class BackstitchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String words;

    public BackstitchException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public BackstitchException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code.code() + " " + Objects.requireNonNull(message, "message"), cause);
        this.code = code;
        this.words = message;
    }

    /** The cause by its stable number. */
    public ErrorCode code() {
        return code;
    }

    /** The message without the number, to be a part of another one. */
    public String words() {
        return words;
    }
}
