package dev.backstitch.language;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** The one PostgreSQL server of this JVM, which ends with it, and databases on it. */
final class SharedPostgres {
    private static final EmbeddedPostgres SERVER = start();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private SharedPostgres() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("jit", "off")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty database of the caller's own. */
    static DataSource database() throws SQLException {
        String name = "language_" + DATABASES.incrementAndGet();
        try (Connection server = DriverManager.getConnection(SERVER.getJdbcUrl("postgres", "postgres"))) {
            Sql.run(server, "create database " + name);
        }
        return SERVER.getDatabase("postgres", name);
    }
}
