package dev.backstitch.connector.snowflake;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Python of the tests' own, under {@code target}, with exactly the pinned versions. It is made once; test processes that
 * start at the same time wait for the one that makes it.
 */
final class Python {
    private static final Path PINS = Path.of("src/test/emulator/requirements.txt");
    private static final Path HOME = Path.of("target/emulator-python");
    private static final Path DONE = HOME.resolve("pins-installed.txt");
    private static final List<String> CANDIDATES =
            List.of("python3.13", "python3.12", "python3.11", "python3", "python");
    private static final long MOST_MINUTES = 4;

    private Python() {}

    /** Nothing where there is no Python that is new enough, or its packages cannot be had. */
    static Optional<Path> find() throws IOException, InterruptedException {
        Optional<String> base = newEnough();
        if (base.isEmpty()) {
            return Optional.empty();
        }
        Files.createDirectories(HOME.toAbsolutePath().getParent());
        try (FileChannel channel = FileChannel.open(
                        Path.of("target/emulator-python.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock alone = channel.lock()) {
            if (!alone.isValid() || (!isDone() && !make(base.get()))) {
                System.out.println("the emulator's packages could not be had, so that its tests are left out;"
                        + " target/emulator-python.log says why");
                return Optional.empty();
            }
        }
        return Optional.of(inside());
    }

    private static Path inside() {
        return HOME.resolve("bin/python").toAbsolutePath();
    }

    private static boolean isDone() throws IOException {
        return Files.exists(DONE) && Files.readString(DONE).equals(Files.readString(PINS));
    }

    private static boolean make(String base) throws IOException, InterruptedException {
        boolean made = run(List.of(base, "-m", "venv", "--clear", HOME.toString())) == 0
                && run(List.of(
                                inside().toString(),
                                "-m",
                                "pip",
                                "install",
                                "--quiet",
                                "--disable-pip-version-check",
                                "--retries",
                                "1",
                                "--no-deps",
                                "-r",
                                PINS.toString()))
                        == 0;
        if (made) {
            Files.copy(PINS, DONE);
        }
        return made;
    }

    private static Optional<String> newEnough() throws InterruptedException {
        for (String candidate : CANDIDATES) {
            try {
                if (run(List.of(candidate, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))")) == 0) {
                    return Optional.of(candidate);
                }
            } catch (IOException notThere) {
                // The next one may be.
            }
        }
        return Optional.empty();
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        File log = new File("target/emulator-python.log");
        Files.createDirectories(log.toPath().toAbsolutePath().getParent());
        Files.writeString(
                log.toPath(),
                String.join(" ", new ArrayList<>(command)) + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            // Such as a network that says nothing.
            process.destroyForcibly().waitFor();
        }
        return process.exitValue();
    }
}
