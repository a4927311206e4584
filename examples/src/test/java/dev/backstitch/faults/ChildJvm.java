package dev.backstitch.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of its own with this one's classes. */
final class ChildJvm {
    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts one.
     *
     * @param directory for its output and its temporary files, which a halt leaves behind
     */
    static ChildJvm start(Path directory, Class<?> main, List<String> arguments) throws IOException {
        return start(directory, List.of(), main, arguments);
    }

    /** Starts one that can't make a file larger than this. */
    static ChildJvm startLimited(Path directory, long kilobytes, Class<?> main, List<String> arguments)
            throws IOException {
        String limit = "ulimit -f " + kilobytes + " && exec \"$@\"";
        return start(directory, List.of("bash", "-c", limit, "bash"), main, arguments);
    }

    private static ChildJvm start(Path directory, List<String> prefix, Class<?> main, List<String> arguments)
            throws IOException {
        Path output = Files.createTempFile(directory, "child", ".txt");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-Djava.io.tmpdir=" + directory,
                "-Dorg.jooq.no-logo=true",
                "-Dorg.jooq.no-tips=true",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        return new ChildJvm(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** Waits for its end. */
    Ended await(Duration atMost) throws IOException, InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("the child did not end within " + atMost + ":\n" + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readAllLines(output));
    }

    Process process() {
        return process;
    }

    /** Waits until it prints a line that begins so; what follows there. */
    String awaitLine(String word, Duration atMost) throws IOException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            for (String line : Files.readAllLines(output)) {
                if (line.startsWith(word)) {
                    return line.substring(word.length());
                }
            }
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("no line with " + word + ":\n" + Files.readString(output));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /**
     * How it ended.
     *
     * @param lines all that it printed
     */
    record Ended(int exitCode, List<String> lines) {
        /** What follows this word on the last line. */
        String last(String word) {
            String line = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
            if (!line.startsWith(word)) {
                throw new AssertionError("expected a last line with " + word + ", exit code " + exitCode + ":\n"
                        + String.join("\n", lines));
            }
            return line.substring(word.length());
        }
    }
}
