package dev.backstitch.faults;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;

/** A process that opens a database and keeps it. */
final class Sleeper {
    /** What it prints when it has the database open. */
    static final String AWAKE = "OPEN";

    private Sleeper() {}

    public static void main(String[] arguments) throws SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            System.out.println(AWAKE + " " + connection.getMetaData().getURL());
            System.out.flush();
            new CountDownLatch(1).await();
        }
    }
}
