package dev.backstitch.faults;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/**
 * One target database and one state store, both of which survive the process that works in them.
 *
 * @param product what the target's database is
 * @param url where it is
 * @param state the file of the state store, an H2 database that the operating system locks: its lock dies with its process
 */
record Site(Product product, String url, Path state) {
    /** The file of a DuckDB warehouse, in the site's directory. */
    static final String WAREHOUSE = "warehouse.duckdb";

    /** The file of the state store, without its suffix. */
    static final String STATE = "state";

    /** The site's directory. */
    Path home() {
        return state.getParent();
    }

    /** Whether a file of the directory is a database's. */
    static boolean isData(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(WAREHOUSE) || name.startsWith(STATE);
    }

    /** Connections to the target, for as long as the first one is open. */
    Source target() throws SQLException {
        return new Source(Sql.source(() -> DriverManager.getConnection(url)), DriverManager.getConnection(url));
    }

    /** Connections to the state store. */
    Source stateStore() throws SQLException {
        String h2 = "jdbc:h2:file:" + state + ";WRITE_DELAY=0;FILE_LOCK=FS;TRACE_LEVEL_FILE=0";
        return new Source(Sql.source(() -> DriverManager.getConnection(h2)), DriverManager.getConnection(h2));
    }

    /** An engine on this site whose every call to both databases passes the tap. */
    Rig open(Tap tap) throws SQLException {
        return open(tap, tap, config -> config);
    }

    /** An engine on this site with a tap for each database. */
    Rig open(Tap target, Tap stateStore, UnaryOperator<BackstitchConfig> settings) throws SQLException {
        Source targets = target();
        Source states = stateStore();
        StateStore store = StateStores.on(stateStore.on(Call.Store.STATE, states.source()));
        BackstitchConfig config = BackstitchConfig.of(
                        product.connector(target.on(Call.Store.TARGET, targets.source())), store)
                .threads(2);
        return new Rig(Backstitch.open(settings.apply(config)), targets, states);
    }

    /** Connections, and the one that keeps their database open. */
    record Source(DataSource source, Connection first) implements AutoCloseable {
        @Override
        public void close() throws SQLException {
            first.close();
        }
    }

    /** An engine and what it needs. */
    record Rig(Backstitch engine, Source target, Source state) implements AutoCloseable {
        @Override
        public void close() throws SQLException {
            engine.close();
            state.close();
            target.close();
        }
    }
}
