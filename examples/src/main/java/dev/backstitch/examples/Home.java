package dev.backstitch.examples;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory in which an example keeps everything. */
final class Home {
    private Home() {}

    /** Makes it unless it is there, and sends the log to a file in it. */
    static void make(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new BackstitchException(
                    ErrorCode.INVALID_VALUE,
                    "--dir " + directory
                            + ": expected a directory, or nothing yet, found a file. Nothing was changed.");
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("the directory " + directory + " could not be made", e);
        }
        LogFile.open(directory.resolve("backstitch.log"));
    }
}
