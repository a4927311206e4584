package dev.backstitch.examples.benchmark;

import dev.backstitch.Backstitch;
import dev.backstitch.state.StateStores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Another process with an engine that works for whoever starts a run. */
final class Worker implements AutoCloseable {
    private static final String READY = "READY";

    private final Process process;

    private Worker(Process process) {
        this.process = process;
    }

    static Worker start(String url, int instances) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName(),
                        url,
                        Integer.toString(instances)))
                .redirectErrorStream(true)
                .start();
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = said.readLine(); !READY.equals(line); line = said.readLine()) {
            if (line == null) {
                throw new IllegalStateException("the worker has ended");
            }
        }
        return new Worker(process);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] arguments) throws IOException {
        try (Backstitch backstitch = Nothing.engine(
                        StateStores.on(PostgresOrchestrationBenchmark.pool(arguments[0])), event -> {})
                .register(Nothing.of(Integer.parseInt(arguments[1])))
                .work()) {
            System.out.println(READY);
            // Until whoever started it has gone.
            while (System.in.read() >= 0) {
                continue;
            }
        }
        System.exit(0);
    }
}
