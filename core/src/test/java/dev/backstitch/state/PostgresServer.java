package dev.backstitch.state;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A PostgreSQL on the loopback address for the tests of a class, which gives each of them a database of its own. */
public final class PostgresServer implements BeforeAllCallback, AfterAllCallback {
    private final AtomicInteger names = new AtomicInteger();
    private final List<HikariDataSource> pools = new ArrayList<>();
    private EmbeddedPostgres server;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("jit", "off")
                .setServerConfig("max_connections", "200")
                .start();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        pools.forEach(HikariDataSource::close);
        server.close();
    }

    /** Connections to a new database, which are kept. */
    public DataSource pooled() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(emptyDatabase());
        config.setMaximumPoolSize(10);
        HikariDataSource pool = new HikariDataSource(config);
        pools.add(pool);
        return pool;
    }

    /** Connections to a new database. */
    public DataSource emptyDatabase() {
        String name = "state_" + names.incrementAndGet();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return server.getDatabase("postgres", name);
    }
}
