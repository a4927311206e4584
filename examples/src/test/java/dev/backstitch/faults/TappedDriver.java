package dev.backstitch.faults;

import dev.backstitch.faults.Call.Store;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Properties;
import java.util.logging.Logger;

/** Stands before a driver, so that connections which are made by their URL are tapped as well. */
final class TappedDriver implements Driver {
    private final Driver behind;
    private final Tap tap;

    private TappedDriver(Driver behind, Tap tap) {
        this.behind = behind;
        this.tap = tap;
    }

    /** Takes the place of the driver for these URLs in this JVM; the driver itself. */
    static Driver insteadOf(String url, Tap tap) throws SQLException {
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            if (driver.acceptsURL(url)) {
                DriverManager.deregisterDriver(driver);
                DriverManager.registerDriver(new TappedDriver(driver, tap));
                return driver;
            }
        }
        throw new IllegalStateException("no driver for " + url);
    }

    @Override
    public Connection connect(String url, Properties settings) throws SQLException {
        if (!behind.acceptsURL(url)) {
            return null;
        }
        return tap.on(Store.TARGET, Sql.source(() -> behind.connect(url, settings)))
                .getConnection();
    }

    @Override
    public boolean acceptsURL(String url) throws SQLException {
        return behind.acceptsURL(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties settings) throws SQLException {
        return behind.getPropertyInfo(url, settings);
    }

    @Override
    public int getMajorVersion() {
        return behind.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
        return behind.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
        return behind.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("tapped");
    }
}
