package dev.backstitch.connector.snowflake;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that speaks Snowflake's protocol, to which the real driver connects, and that is DuckDB behind it. One for all
 * tests of a JVM, with which it ends. Where a test differs from Snowflake itself, {@code docs/snowflake.md} says so.
 */
final class Emulator {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final String READY = "READY ";

    private final int port;

    private Emulator(int port) {
        this.port = port;
    }

    private static final class Started {
        static final Optional<Emulator> EMULATOR = start();
    }

    /** Whether there is a Python for it. */
    static boolean isAvailable() {
        return Started.EMULATOR.isPresent();
    }

    static Emulator get() {
        return Started.EMULATOR.orElseThrow();
    }

    private static Optional<Emulator> start() {
        try {
            Optional<Path> python = Python.find();
            if (python.isEmpty()) {
                return Optional.empty();
            }
            Process process = new ProcessBuilder(
                            python.get().toString(),
                            Path.of("src/test/emulator/serve.py").toString())
                    .redirectError(new File(
                            "target/emulator-" + ProcessHandle.current().pid() + ".log"))
                    .start();
            // It ends when its input does, and so with this JVM; what it writes after its first line goes nowhere.
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (line == null || !line.startsWith(READY)) {
                throw new IllegalStateException("the emulator did not start; its log under target says why: " + line);
            }
            return Optional.of(new Emulator(Integer.parseInt(line.substring(READY.length()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A name for a database that no other test has; it is made when somebody connects to it. */
    static String newDatabase() {
        return "T" + DATABASES.incrementAndGet();
    }

    Connection connect(String database) throws SQLException {
        return logins(database).password("snow").getConnection();
    }

    /** As the connector logs in, but for where, and for a failure that is not waited for. */
    SnowflakeLogins logins(String database) {
        Properties properties = new Properties();
        properties.setProperty("user", "fake");
        properties.setProperty("ssl", "off");
        properties.setProperty("account", "fakesnow");
        properties.setProperty("db", database);
        properties.setProperty("schema", "PUBLIC");
        properties.setProperty("maxHttpRetries", "1");
        return SnowflakeLogins.to("jdbc:snowflake://127.0.0.1:" + port + "/", properties);
    }
}
