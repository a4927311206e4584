package dev.backstitch.connector.duckdb;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Another process that holds a DuckDB file, as DuckDB's refusal and the operating system describe it. */
final class FileHolder {
    private static final Pattern LOCKED = Pattern.compile("Could not set lock on file \"([^\"]*)\"");
    private static final Pattern PROCESS = Pattern.compile("held in (.*?) ?\\(PID (\\d+)\\)");

    private FileHolder() {}

    /** The refusal, if this failure, or what caused it, says that another process holds the file. */
    static Optional<BackstitchException> inUse(SQLException failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            Matcher locked = LOCKED.matcher(text);
            if (locked.find()) {
                return Optional.of(new BackstitchException(
                        ErrorCode.WAREHOUSE_IN_USE,
                        "the DuckDB file " + locked.group(1)
                                + " cannot be opened: expected that no other process has it"
                                + " open, found that " + holder(text)
                                + " holds it. Nothing was written. Only one process"
                                + " can write a DuckDB file: end that process, or run the backfill inside it.",
                        failure));
            }
        }
        return Optional.empty();
    }

    private static String holder(String text) {
        Matcher process = PROCESS.matcher(text);
        if (!process.find()) {
            return "another process";
        }
        String pid = process.group(2);
        String since = ProcessHandle.of(Long.parseLong(pid))
                .flatMap(handle -> handle.info().startInstant())
                .map(start -> ", running since " + start)
                .orElse("");
        return "process " + pid + " (" + process.group(1) + since + ")";
    }
}
