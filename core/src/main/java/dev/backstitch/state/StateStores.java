package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jooq.Configuration;
import org.jooq.SQLDialect;
import org.jooq.tools.jdbc.JDBCUtils;

/** Opens state stores. */
public final class StateStores {
    private StateStores() {}

    /**
     * A store in a file, which is created if it doesn't exist. Several processes of this host may open it: the first owns
     * the file and serves the others on the loopback address; when it ends, however it ends, another becomes the owner.
     * Opening a file whose owner was killed takes about four seconds.
     *
     * @param file its path, with or without the suffix {@code .mv.db}
     * @throws BackstitchException with {@code STATE_UNREADABLE} when the file is damaged, isn't a state store or was
     *     written by a newer version, with {@code STATE_IN_USE} when its owner doesn't share it
     * @throws IllegalArgumentException when the path holds a semicolon
     */
    public static StateStore h2(Path file) {
        requireNonNull(file, "file");
        return H2File.open(file);
    }

    /** A store in memory, which is gone when it is closed: for tests and rehearsals. */
    public static StateStore inMemory() {
        return H2Memory.open();
    }

    /**
     * A store in a database that the caller connects to. Its tables begin with {@code bf_} and lie in the connection's
     * schema. Closing the store leaves the data source open.
     *
     * @param database gives connections to H2 or PostgreSQL; better pooled, since each method takes one
     * @throws BackstitchException with {@code DATABASE_UNAVAILABLE} when there is no connection, with {@code
     *     STATE_UNREADABLE} when the tables can't be created or were written by a newer version
     */
    public static StateStore on(DataSource database) {
        requireNonNull(database, "database");
        String location;
        SQLDialect dialect;
        try (Connection connection = database.getConnection()) {
            String url = connection.getMetaData().getURL();
            // Parameters may hold a password.
            location = url.replaceFirst("[?;].*", "");
            dialect = JDBCUtils.dialect(connection);
        } catch (SQLException e) {
            throw new BackstitchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "the state store can't be opened: no connection (" + e.getMessage()
                            + "). Nothing was changed; see that the database can be reached.",
                    e);
        }
        Configuration configuration = Session.configuration(dialect);
        new Schema(database, configuration, location).migrate();
        return new JooqStateStore(database, configuration, location, () -> {});
    }
}
