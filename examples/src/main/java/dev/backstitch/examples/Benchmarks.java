package dev.backstitch.examples;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.examples.benchmark.MergeBenchmark;
import dev.backstitch.examples.benchmark.OrchestrationBenchmark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** What Backstitch costs, measured against the same work done by hand. */
final class Benchmarks implements Example {
    @Override
    public String name() {
        return "benchmark";
    }

    @Override
    public String shows() {
        return "measures the engine and the quickstart's merges against loops by hand, as ratios";
    }

    @Override
    public ExitCode run(String program, Path directory, Terminal terminal, List<String> command) {
        if (!command.isEmpty()) {
            terminal.err().println("benchmark has no commands, found " + command);
            return ExitCode.USAGE;
        }
        try {
            Files.createDirectories(directory);
            LogFile.open(directory.resolve("backstitch.log"));
            FlightsWarehouse warehouse = new FlightsWarehouse(directory);
            warehouse.prepare();
            OrchestrationBenchmark.run(directory.resolve("orchestration"), terminal.out());
            MergeBenchmark.run(directory.resolve("merges"), warehouse.file(), Quickstart.DAG, terminal.out());
            return ExitCode.DONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("a benchmark failed", e);
        }
    }
}
