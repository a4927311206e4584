package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.OTHER;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.run;

import dev.backstitch.error.BackstitchException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Another JVM that does with a state store what it is told, line by line. */
final class StoreProcess implements AutoCloseable {
    private static final String END = "end";

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    private StoreProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "answers of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static StoreProcess start(Path file, String... jvmOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(jvmOptions));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), StoreProcess.class.getName(), file.toString()));
        return new StoreProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    long pid() {
        return process.pid();
    }

    void send(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The next line that it prints. */
    String answer() throws InterruptedException {
        String line = answers.poll(60, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("process " + pid() + " doesn't answer");
        }
        return line;
    }

    String ask(String command) throws IOException, InterruptedException {
        send(command);
        return answer();
    }

    /** {@code kill -9}; returns what it had printed and nobody has read, without the mark of its end. */
    List<String> kill() throws InterruptedException {
        // Not Process.destroyForcibly, which closes the pipe over what is still in it.
        process.toHandle().destroyForcibly();
        process.waitFor();
        List<String> rest = new ArrayList<>();
        for (String line = answer(); !line.equals(END); line = answer()) {
            rest.add(line);
        }
        return rest;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            // Closed by close(): nobody reads on.
            return;
        } finally {
            answers.add(END);
        }
    }

    public static void main(String[] args) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StateStore store = null;
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "ready" -> say("ready");
                case "open" -> {
                    long start = System.nanoTime();
                    try {
                        store = StateStores.h2(Path.of(args[0]));
                    } catch (BackstitchException e) {
                        say("refused: " + e.getMessage());
                        break;
                    }
                    say("opened in " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
                }
                case "create" -> {
                    store.create(run(words[1]), instances(0, Integer.parseInt(words[2]), InstanceState.READY));
                    say("created");
                }
                case "work" -> work(store, words[1]);
                case "take" -> say("epoch " + store.takeOver(words[1], 1, OTHER, LEASE, OWNER));
                case "runs" -> say("runs " + store.runs().size());
                case "close" -> {
                    store.close();
                    say("closed");
                }
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    /** Prints each instance's position after its success was acknowledged. */
    private static void work(StateStore store, String run) {
        for (InstanceKey key : store.runnable(run, NOW, Integer.MAX_VALUE)) {
            store.succeed(store.claim(key, 1, ENGINE, NOW).orElseThrow(), List.of(), NOW);
            say("" + key.position());
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
