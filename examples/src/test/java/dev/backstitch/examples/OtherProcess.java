package dev.backstitch.examples;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.event.RunEvent;
import dev.backstitch.state.StateStores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The quickstart in a JVM of its own, which stops or dies after some merges. */
final class OtherProcess implements AutoCloseable {
    private static final String READY = "holding";

    /** In the other process. */
    private static boolean mayGoOn;

    private final Process process;
    private final BufferedReader lines;

    private OtherProcess(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Begins the quickstart, and dies without a word after so many merges. */
    static void diesAfter(int merges, Path directory) throws IOException, InterruptedException {
        try (OtherProcess other = start("halt", merges, directory)) {
            if (!other.process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("the other process still lives");
            }
        }
    }

    /** Begins the quickstart, and holds still after so many merges until it goes on or is closed. */
    static OtherProcess holdsAfter(int merges, Path directory) throws IOException {
        OtherProcess other = start("hold", merges, directory);
        StringBuilder said = new StringBuilder();
        for (String line = other.lines.readLine(); !READY.equals(line); line = other.lines.readLine()) {
            if (line == null) {
                throw new AssertionError("the other process ended: " + said);
            }
            said.append(line).append('\n');
        }
        return other;
    }

    /** Lets one that holds still go on. */
    void goOn() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** What it says until it ends. */
    String said() {
        return lines.lines().collect(Collectors.joining("\n"));
    }

    ExitCode exitCode() throws InterruptedException {
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("the other process still lives");
        }
        return Stream.of(ExitCode.values())
                .filter(code -> code.number() == process.exitValue())
                .findFirst()
                .orElseThrow();
    }

    private static OtherProcess start(String how, int merges, Path directory) throws IOException {
        Files.createDirectories(directory);
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName(),
                        how,
                        Integer.toString(merges),
                        directory.toString())
                .redirectErrorStream(true);
        if (how.equals("halt")) {
            builder.redirectOutput(directory.resolve("other-process.txt").toFile());
        }
        return new OtherProcess(builder.start());
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] arguments) {
        int merges = Integer.parseInt(arguments[1]);
        Path directory = Path.of(arguments[2]);
        LogFile.open(directory.resolve("other-process.log"));
        FlightsWarehouse warehouse = new FlightsWarehouse(directory);
        AtomicInteger merged = new AtomicInteger();
        CliSetup setup = CliSetup.called("other")
                .dags(Quickstart.DAG)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> {
                    warehouse.prepare();
                    return BackstitchConfig.of(DuckDb.file(warehouse.file()).open(), state)
                            .sweep(Duration.ofMillis(200))
                            .listener(event -> {
                                if (event instanceof RunEvent.PartitionMerged) {
                                    stopAt(merges, merged.incrementAndGet(), arguments[0]);
                                }
                            });
                });
        System.exit(BackstitchCommand.run(setup, Terminal.plain(System.out, System.err), "run")
                .number());
    }

    /** Every lane that has merged something from there on waits. */
    private static void stopAt(int merges, int merged, String how) {
        if (merged == merges && how.equals("halt")) {
            Runtime.getRuntime().halt(137);
        }
        if (merged >= merges) {
            if (merged == merges) {
                System.out.println(READY);
                System.out.flush();
            }
            waitForALine();
        }
    }

    private static synchronized void waitForALine() {
        try {
            if (!mayGoOn) {
                System.in.read();
                mayGoOn = true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
