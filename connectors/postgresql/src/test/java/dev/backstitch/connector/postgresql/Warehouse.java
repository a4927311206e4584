package dev.backstitch.connector.postgresql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.TableInfo;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database of a test's own, with a connector on it and a session beside it. One that a test has closed is emptied for the
 * next: the server takes longer to make a database than to run most tests.
 */
final class Warehouse implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final Deque<String> FREE = new ConcurrentLinkedDeque<>();

    private static final String EMPTY = """
            do $$
            declare it record;
            begin
                for it in select pubname as name from pg_publication loop
                    execute format('drop publication %I', it.name);
                end loop;
                for it in select extname as name from pg_extension where extname <> 'plpgsql' loop
                    execute format('drop extension %I cascade', it.name);
                end loop;
                for it in select nspname as name from pg_namespace
                        where nspname !~ '^pg_' and nspname <> 'information_schema' loop
                    execute format('drop schema %I cascade', it.name);
                end loop;
                execute format('alter database %I reset all', current_database());
                create schema public;
                grant usage on schema public to public;
            end $$""";

    private final String database;
    private final HikariDataSource pool;
    private final Connector connector;
    private final Connection session;

    private Warehouse(String database) throws SQLException {
        this.database = database;
        this.pool = pool(source(Server.port()));
        this.connector = Postgres.on(pool).open();
        this.session = connect();
    }

    /** As users have one: a new connection for each transaction would take longer than most of them. */
    private static HikariDataSource pool(DataSource connections) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(connections);
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    static Warehouse create() throws SQLException {
        String free = FREE.poll();
        if (free != null) {
            return new Warehouse(free);
        }
        String name = "warehouse_" + DATABASES.incrementAndGet();
        try (Connection server = Server.connect()) {
            Server.run(server, "create database " + name);
        }
        return new Warehouse(name);
    }

    /** The connector's connections, which are kept. */
    DataSource pool() {
        return pool;
    }

    PGSimpleDataSource source(int port) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://localhost:" + port + "/" + database);
        source.setUser("postgres");
        return source;
    }

    /** Another session, in autocommit. */
    Connection connect() throws SQLException {
        return connectAs("postgres");
    }

    Connection connectAs(String role) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + Server.port() + "/" + database + "?user=" + role);
    }

    Connector connector() {
        return connector;
    }

    void run(String... statements) throws SQLException {
        Server.run(session, statements);
    }

    /** The first column of the first row as text. */
    String ask(String query) throws SQLException {
        return Server.ask(session, query);
    }

    /** All rows of a query, each as text, in the query's order. */
    String rows(String query) throws SQLException {
        return ask("select coalesce(string_agg(r::text, E'\\n' order by r::text), '') from (" + query + ") r");
    }

    TableInfo table(String name) {
        return connector.catalog().table(TableName.parse(name)).orElseThrow();
    }

    @Override
    public void close() throws SQLException {
        connector.close();
        pool.close();
        session.close();
        try (Connection emptying = connect()) {
            // A test may leave a transaction behind; what it holds would keep this from its end.
            Server.run(
                    emptying,
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                            + " and pid <> pg_backend_pid() and backend_type = 'client backend'",
                    EMPTY);
        }
        FREE.add(database);
    }
}
