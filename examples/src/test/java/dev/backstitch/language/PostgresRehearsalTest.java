package dev.backstitch.language;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

class PostgresRehearsalTest extends RehearsalContract {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() before each test.
    private static DataSource database;

    @BeforeAll
    static void start() throws SQLException {
        database = SharedPostgres.database();
    }

    @AfterEach
    void empty() throws SQLException {
        try (Connection connection = connect()) {
            for (String schema : Sql.rows(
                    connection, "select nspname from pg_namespace where nspname like 'backstitch\\_rehearsal%'")) {
                Sql.run(connection, "drop schema " + schema + " cascade");
            }
        }
        execute("drop schema app cascade", "drop schema if exists backstitch cascade");
    }

    @Override
    Connector connector() {
        return Postgres.on(database).open();
    }

    @Override
    Connection connect() throws SQLException {
        return database.getConnection();
    }

    @Override
    List<String> catalogue() throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = connect()) {
            all.addAll(Sql.rows(
                    connection,
                    "select c.oid, n.nspname, c.relname, c.relkind, c.relfilenode, c.relacl from pg_class c"
                            + " join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('app', 'public')"
                            + " order by 1"));
            all.addAll(Sql.rows(
                    connection,
                    "select oid, tgrelid, tgname from pg_trigger where tgrelid in"
                            + " (select oid from pg_class where relnamespace = 'app'::regnamespace) order by 1"));
            all.addAll(Sql.rows(
                    connection,
                    "select oid, conname from pg_constraint where connamespace =" + " 'app'::regnamespace order by 1"));
            all.addAll(Sql.rows(connection, "select oid, evtname from pg_event_trigger order by 1"));
        }
        return all;
    }
}
