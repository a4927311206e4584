package dev.backstitch.state;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.quotedName;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.unquotedName;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings our tables to this version, from nothing or from an older one. */
final class Schema {
    /** The version of the last migration. */
    static final int VERSION = 6;

    /**
     * PostgreSQL: half of each page is free for the next version of its rows, so that a take-over of 50,000 ready instances
     * writes no index (measured: 0.2 s in place of 1.4 s), and the table is twice as large. It is for what is stored from then
     * on.
     */
    private static final String ROOM = "alter table bf_instance set (fillfactor = 50);";

    private static final int ATTEMPTS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    static final String HISTORY = "bf_schema_history";
    private static final String MIGRATIONS = "classpath:dev/backstitch/state/migration";

    private static final Table<Record> HISTORY_TABLE = table(quotedName(HISTORY));
    private static final Field<String> HISTORY_VERSION = field(quotedName("version"), SQLDataType.VARCHAR);
    private static final Field<Boolean> HISTORY_SUCCESS = field(quotedName("success"), SQLDataType.BOOLEAN);

    private static final Table<Record> LOCK = table(unquotedName("bf_migration"));
    private static final Field<Integer> LOCK_ID = field(unquotedName("id"), SQLDataType.INTEGER.notNull());

    private final DataSource database;
    private final Configuration configuration;
    private final String location;

    Schema(DataSource database, Configuration configuration, String location) {
        this.database = database;
        this.configuration = configuration;
        this.location = location;
    }

    /**
     * Migrates unless the history says that it is done. Flyway locks rows of a history that it may have to create first,
     * and where DDL commits by itself that lock is gone after the first statement: so a row of ours is locked around it.
     */
    void migrate() {
        try {
            if (isCurrent()) {
                return;
            }
            try (Connection connection = database.getConnection()) {
                boolean autoCommit = connection.getAutoCommit();
                connection.setAutoCommit(false);
                try {
                    lock(connection);
                    if (!isCurrent()) {
                        flyway();
                    }
                } finally {
                    connection.rollback();
                    connection.setAutoCommit(autoCommit);
                }
            }
        } catch (SQLException | DataAccessException | FlywayException e) {
            throw new BackstitchException(
                    ErrorCode.STATE_UNREADABLE,
                    "the tables of the state store " + location + " can't be brought to version " + VERSION + ": "
                            + e.getMessage() + ". Runs in it are untouched. Mend the cause and open it again.",
                    e);
        }
    }

    /** One short query, against a second for Flyway's start. */
    private boolean isCurrent() throws SQLException {
        List<Integer> versions = versions();
        int highest = versions.stream().mapToInt(Integer::intValue).max().orElse(0);
        if (highest > VERSION) {
            throw new BackstitchException(
                    ErrorCode.STATE_UNREADABLE,
                    "the state store " + location + " was written by a newer Backstitch: expected tables of version "
                            + VERSION + ", found " + highest
                            + ". Nothing was changed; use that version or a newer one, or another store.");
        }
        return highest == VERSION;
    }

    private List<Integer> versions() throws SQLException {
        try (Connection connection = database.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            try {
                return jooq(connection)
                        .select(HISTORY_VERSION)
                        .from(HISTORY_TABLE)
                        .where(HISTORY_SUCCESS)
                        // Flyway also notes there what isn't a version, such as the table's own creation.
                        .and(HISTORY_VERSION.isNotNull())
                        .fetch(row -> MigrationVersion.fromVersion(row.value1())
                                .getMajor()
                                .intValueExact());
            } catch (DataAccessException e) {
                return List.of();
            } finally {
                if (!autoCommit) {
                    connection.rollback();
                }
            }
        }
    }

    private void lock(Connection connection) throws SQLException {
        DSLContext jooq = jooq(connection);
        for (int attempt = 1; !isMade(connection, jooq) && attempt < ATTEMPTS; attempt++) {
            LOG.debug("somebody else is making {} in {}", LOCK, location);
        }
        lockRow(jooq);
    }

    /**
     * Makes the row unless it is there. Of several that make the table at once all but one are refused, which may find it
     * before it has its row: they try again, and wait for whoever inserts it.
     */
    private static boolean isMade(Connection connection, DSLContext jooq) throws SQLException {
        try {
            jooq.createTableIfNotExists(LOCK)
                    .column(LOCK_ID)
                    .primaryKey(LOCK_ID)
                    .execute();
            connection.commit();
            jooq.insertInto(LOCK).set(LOCK_ID, 1).execute();
            connection.commit();
            return true;
        } catch (DataAccessException refused) {
            connection.rollback();
        }
        try {
            return jooq.fetchExists(LOCK, LOCK_ID.eq(1));
        } catch (DataAccessException noTable) {
            connection.rollback();
            return false;
        }
    }

    /** Until the transaction's end, for what only one may do at a time in the whole store. */
    static void lockRow(DSLContext jooq) {
        jooq.selectFrom(LOCK).where(LOCK_ID.eq(1)).forUpdate().fetchSingle();
    }

    private void flyway() {
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(database)
                .locations(MIGRATIONS)
                .table(HISTORY)
                // The schema may be shared, and always holds the row that is locked.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .placeholders(Map.of("room_for_updates", configuration.family() == SQLDialect.POSTGRES ? ROOM : ""))
                .load()
                .migrate();
    }

    private DSLContext jooq(Connection connection) {
        return DSL.using(configuration.derive(connection));
    }
}
