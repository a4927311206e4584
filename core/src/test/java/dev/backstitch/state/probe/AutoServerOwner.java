package dev.backstitch.state.probe;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A process that opens a store, says so, and holds it until its input ends. */
final class AutoServerOwner {

    private AutoServerOwner() {}

    public static void main(String[] arguments) throws SQLException, IOException, ClassNotFoundException {
        if (Boolean.getBoolean("probe.late")) {
            Class.forName("org.h2.engine.SysProperties");
            System.setProperty("h2.bindAddress", "127.0.0.1");
        }
        try (Connection connection = DriverManager.getConnection(arguments[0], "sa", "")) {
            System.out.println(connection.isValid(0) ? "open" : "not valid");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
