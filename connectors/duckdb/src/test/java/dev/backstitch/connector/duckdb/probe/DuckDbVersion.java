package dev.backstitch.connector.duckdb.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One version of DuckDB. The previous one has a class loader of its own, so that both answer in one JVM. */
record DuckDbVersion(String number, Driver driver) {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final DuckDbVersion CURRENT = load(DuckDbVersion.class.getClassLoader());
    private static final DuckDbVersion PREVIOUS = load(isolated());

    static Stream<DuckDbVersion> all() {
        return Stream.of(CURRENT, PREVIOUS);
    }

    static DuckDbVersion current() {
        return CURRENT;
    }

    boolean isPrevious() {
        return this == PREVIOUS;
    }

    /** A fresh database in memory. Every connection opened on it sees the same data. */
    Database freshDatabase() {
        return new Database("jdbc:duckdb::memory:probe" + DATABASES.incrementAndGet());
    }

    Database databaseIn(File file) {
        return new Database("jdbc:duckdb:" + file);
    }

    @Override
    public String toString() {
        return "DuckDB " + number;
    }

    /** A database that several connections of this version share. */
    final class Database {
        private final String url;

        private Database(String url) {
            this.url = url;
        }

        Connection connect() throws SQLException {
            return driver.connect(url, new Properties());
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text; "null" for SQL's null and for no row. */
    static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getObject(1)) : "null";
        }
    }

    private static URLClassLoader isolated() {
        File jar = new File(System.getProperty("duckdb.previous.jar", "target/duckdb-previous/duckdb_jdbc.jar"));
        assertThat(jar)
                .as("the driver that the build copies for this comparison")
                .exists();
        try {
            return new URLClassLoader(new URL[] {jar.toURI().toURL()}, ClassLoader.getPlatformClassLoader());
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    private static DuckDbVersion load(ClassLoader loader) {
        try {
            Driver driver = (Driver) Class.forName("org.duckdb.DuckDBDriver", true, loader)
                    .getDeclaredConstructor()
                    .newInstance();
            try (Connection connection = driver.connect("jdbc:duckdb:", new Properties())) {
                return new DuckDbVersion(ask(connection, "select version()").replaceFirst("^v", ""), driver);
            }
        } catch (ReflectiveOperationException | SQLException e) {
            throw new AssertionError(e);
        }
    }
}
