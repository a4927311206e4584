package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;

/** A file that somebody asked for with {@code --out}. */
final class WrittenFile {
    private WrittenFile() {}

    /** Writes what was asked for to the file that was named, and says where it is; or shows it where none was. */
    static void orShown(Terminal terminal, String what, String dag, Optional<Path> out, String content) {
        if (out.isEmpty()) {
            terminal.out().print(content);
            return;
        }
        write("the " + what, out.get(), content);
        terminal.out().println(what + " of dag " + dag + ": " + out.get().toAbsolutePath());
    }

    /** Whether a file is named so that it is to be of this kind. */
    static boolean endsIn(Optional<Path> out, String ending) {
        return out.filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(ending))
                .isPresent();
    }

    /**
     * Writes a file beside it first, so that whoever reads it finds all of the old one or all of the new one. What is
     * there and is no file, such as a pipe, is written to as it is.
     *
     * @param what the content in a few words, for the message
     * @throws BackstitchException with {@code FILE_NOT_WRITTEN}
     */
    static void write(String what, Path file, String content) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                Files.writeString(file, content, StandardCharsets.UTF_8);
            } else {
                // A link stays one, and leads to what is new.
                replace(Files.exists(file) ? file.toRealPath() : file.toAbsolutePath(), content);
            }
        } catch (IOException e) {
            throw new BackstitchException(
                    ErrorCode.FILE_NOT_WRITTEN,
                    what + " can't be written: expected that " + file.toAbsolutePath() + " can be made, found "
                            + (isDirectoryThere(file)
                                    ? e
                                    : "no directory " + file.toAbsolutePath().getParent())
                            + ". Nothing else was changed. Name another file with --out.",
                    e);
        }
    }

    private static boolean isDirectoryThere(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null || Files.isDirectory(parent);
    }

    private static void replace(Path file, String content) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(beside, content, StandardCharsets.UTF_8);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
