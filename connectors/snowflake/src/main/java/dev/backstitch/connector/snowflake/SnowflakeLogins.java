package dev.backstitch.connector.snowflake;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.io.PrintWriter;
import java.nio.Buffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import net.snowflake.client.api.driver.SnowflakeDriver;

/** Logins by the driver, with its own retries and waits bounded. Immutable; what is secret in it is shown nowhere. */
final class SnowflakeLogins implements DataSource {
    private final String url;
    private final Properties properties;

    private SnowflakeLogins(String url, Properties properties) {
        this.url = url;
        this.properties = properties;
    }

    static SnowflakeLogins of(String account, String user, Snowflake.Session session) {
        Properties properties = bounded();
        properties.setProperty("user", user);
        properties.setProperty("application", "backstitch");
        session.role().ifPresent(name -> properties.setProperty("role", name));
        session.warehouse().ifPresent(name -> properties.setProperty("warehouse", name));
        session.database().ifPresent(name -> properties.setProperty("db", name));
        session.schema().ifPresent(name -> properties.setProperty("schema", name));
        return new SnowflakeLogins("jdbc:snowflake://" + account + ".snowflakecomputing.com/", properties);
    }

    /** Logins to another address than an account's own. */
    static SnowflakeLogins to(String url, Properties more) {
        Properties properties = bounded();
        properties.putAll(more);
        return new SnowflakeLogins(url, properties);
    }

    /**
     * What bounds the driver 4.4.1: by default it sends a request seven times over 49 seconds, waits for a silent server
     * without end, and asks the cloud's metadata addresses at the first connect. A long statement is polled, so that its
     * socket is never silent for a minute.
     */
    static Properties bounded() {
        Properties properties = new Properties();
        properties.setProperty("disablePlatformDetection", "true");
        properties.setProperty("CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED", "false");
        properties.setProperty("loginTimeout", "60");
        properties.setProperty("maxHttpRetries", "3");
        properties.setProperty("retryTimeout", "120");
        properties.setProperty("HTTP_CLIENT_CONNECTION_TIMEOUT", "20000");
        properties.setProperty("HTTP_CLIENT_SOCKET_TIMEOUT", "180000");
        return properties;
    }

    SnowflakeLogins password(String password) {
        return with("password", password);
    }

    SnowflakeLogins token(String token) {
        return with("authenticator", "oauth").with("token", token);
    }

    SnowflakeLogins key(Path file, Optional<String> passphrase) {
        SnowflakeLogins logins = with("private_key_file", file.toAbsolutePath().toString());
        return passphrase.map(text -> logins.with("private_key_pwd", text)).orElse(logins);
    }

    private SnowflakeLogins with(String name, String value) {
        Properties more = new Properties();
        more.putAll(properties);
        more.setProperty(name, value);
        return new SnowflakeLogins(url, more);
    }

    /**
     * Proves that the driver may read results.
     *
     * @throws BackstitchException with {@code UNSUPPORTED}, saying how the JVM is opened
     */
    static void requireOpenJvm() {
        Module driver = SnowflakeDriver.class.getModule();
        if (!Buffer.class.getModule().isOpen("java.nio", driver)) {
            throw new BackstitchException(
                    ErrorCode.UNSUPPORTED,
                    "the connection to Snowflake refused: expected a JVM whose package java.nio is open to Snowflake's"
                            + " driver, found it closed: every result would fail. Nothing was touched. Start the JVM with"
                            + " --add-opens=java.base/java.nio=ALL-UNNAMED, or put \"Add-Opens: java.base/java.nio\" into"
                            + " the manifest of the jar that it runs.");
        }
    }

    @Override
    public Connection getConnection() throws SQLException {
        Properties own = new Properties();
        own.putAll(properties);
        Connection connection = new SnowflakeDriver().connect(url, own);
        if (connection == null) {
            throw new SQLException("the driver does not take " + url, "08001");
        }
        return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLException("logins have one user", "0A000");
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        throw new SQLException("the driver has its own log", "0A000");
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // The driver has its own log.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // It is a property.
    }

    @Override
    public int getLoginTimeout() {
        return Integer.parseInt(properties.getProperty("loginTimeout"));
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("net.snowflake");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("wraps nothing", "0A000");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }

    /** Says where, and never who or with what. */
    @Override
    public String toString() {
        return url;
    }
}
