package dev.backstitch.examples;

import static dev.backstitch.error.ErrorCode.WAREHOUSE_IN_USE;

import dev.backstitch.error.BackstitchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A DuckDB file that is made once, from statements. */
final class PreparedFile {
    private final Path directory;

    PreparedFile(Path directory) {
        this.directory = directory;
    }

    /** The file; it is there as soon as it is complete. */
    Path path() {
        return directory.resolve("warehouse.duckdb");
    }

    /** What makes the file. */
    interface Statements {
        /** Called only where it has to be made. */
        List<String> all() throws IOException;
    }

    /**
     * Makes the file unless it is there. It is made under another name first, so that whoever dies meanwhile leaves
     * nothing that looks like it.
     *
     * @return whether it was made
     */
    boolean prepare(Statements statements) {
        if (Files.exists(path())) {
            return false;
        }
        Path lock = directory.resolve("preparing.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held == null) {
                throw new BackstitchException(
                        WAREHOUSE_IN_USE,
                        "the data in " + directory + " are being prepared by another process. Nothing was written. "
                                + "Give the command again when it is done.");
            }
            return !Files.exists(path()) && prepareAlone(statements);
        } catch (IOException e) {
            throw new UncheckedIOException("the data in " + directory + " could not be prepared", e);
        }
    }

    private boolean prepareAlone(Statements statements) throws IOException {
        Path unfinished = directory.resolve("preparing.duckdb");
        Files.deleteIfExists(unfinished);
        Files.deleteIfExists(directory.resolve("preparing.duckdb.wal"));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + unfinished.toAbsolutePath());
                Statement statement = connection.createStatement()) {
            for (String sql : statements.all()) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the data in " + directory + " could not be prepared", e);
        }
        Files.move(unfinished, path(), StandardCopyOption.ATOMIC_MOVE);
        return true;
    }
}
