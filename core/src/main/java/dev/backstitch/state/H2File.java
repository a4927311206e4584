package dev.backstitch.state;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.h2.jdbcx.JdbcDataSource;
import org.jooq.Configuration;
import org.jooq.Record1;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** A state store in an H2 file: its settings, its opening, and what may be wrong with the file. All that is H2's own is here. */
final class H2File {
    private static final String SUFFIX = ".mv.db";
    private static final int CONNECTIONS = 10;

    /** Longer than a take-over of the file from a killed process. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

    /** More than H2 writes before its first table: a larger file without any has lost them. */
    private static final long LARGEST_EMPTY = 64 * 1024;

    private final Path base;
    private final Path file;
    private final H2Address address;
    private final H2Connections connections;

    private H2File(Path base, H2Address address) {
        this.base = base;
        this.address = address;
        this.file = base.resolveSibling(base.getFileName() + SUFFIX);
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL(url(base, address));
        h2.setUser("sa");
        h2.setPassword("");
        this.connections = new H2Connections(
                h2,
                base.resolveSibling(base.getFileName() + ".opening"),
                base.resolveSibling(base.getFileName() + ".lock.db"),
                address);
    }

    static StateStore open(Path path) {
        H2Address address = H2Address.settle();
        H2File file = new H2File(base(path), address);
        return file.open();
    }

    /**
     * The file's connection settings. {@code WRITE_DELAY=0}: what is committed is in the operating system's hands, and
     * survives every process. {@code AUTO_SERVER} demands that H2 closes the file when the JVM exits. {@code retry:} a
     * thread that is interrupted while it reads or writes would close the file for all others.
     */
    private static String url(Path base, H2Address address) {
        String url = "jdbc:h2:retry:" + base
                + ";WRITE_DELAY=0;DB_CLOSE_DELAY=0;LOCK_TIMEOUT=10000;QUERY_CACHE_SIZE=64;TRACE_LEVEL_FILE=0";
        return address == H2Address.LOOPBACK ? url + ";AUTO_SERVER=TRUE" : url;
    }

    private static Path base(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path name = absolute.getFileName();
        if (name == null || absolute.toString().contains(";")) {
            throw new IllegalArgumentException("not a path for a state store: " + path);
        }
        String text = name.toString();
        return text.endsWith(SUFFIX)
                ? absolute.resolveSibling(text.substring(0, text.length() - SUFFIX.length()))
                : absolute;
    }

    private StateStore open() {
        createDirectory();
        long sizeBefore = size();
        Configuration configuration = Session.configuration(SQLDialect.H2);
        // Held until the pool has its own, so that H2 doesn't close the file in between.
        try (Connection first = connections.getConnection()) {
            refuseUnlessOurs(DSL.using(configuration.derive(first)).fetch(tables()), sizeBefore);
            HikariDataSource pool = pool();
            try {
                new Schema(pool, configuration, file.toString()).migrate();
                return new JooqStateStore(pool, configuration, file.toString(), pool::close);
            } catch (RuntimeException e) {
                pool.close();
                throw e;
            }
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    private HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("backstitch-state");
        config.setDataSource(connections);
        config.setAutoCommit(false);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        config.setInitializationFailTimeout(-1);
        config.setExceptionOverride(new Eviction());
        return new HikariDataSource(config);
    }

    private static Select<Record1<String>> tables() {
        return DSL.select(DSL.field(DSL.unquotedName("table_name"), SQLDataType.VARCHAR))
                .from(DSL.table(DSL.unquotedName("information_schema", "tables")))
                .where(DSL.field(DSL.unquotedName("table_schema"), SQLDataType.VARCHAR)
                        .eq("PUBLIC"));
    }

    private void refuseUnlessOurs(List<Record1<String>> rows, long sizeBefore) {
        List<String> tables =
                rows.stream().map(row -> row.value1().toLowerCase(Locale.ROOT)).toList();
        if (tables.isEmpty() && sizeBefore > LARGEST_EMPTY) {
            // H2 goes back to the last state that it can read, which may be the empty one, and says nothing.
            throw unreadable(
                    "expected our tables in its " + sizeBefore + " bytes, found none: the file is damaged", null);
        }
        if (!tables.isEmpty() && tables.stream().noneMatch(table -> table.startsWith("bf_"))) {
            throw unreadable("expected our tables, found those of another program", null);
        }
    }

    private BackstitchException refused(SQLException failure) {
        if (failure.getErrorCode() == org.h2.api.ErrorCode.DATABASE_ALREADY_OPEN_1) {
            return new BackstitchException(
                    ErrorCode.STATE_IN_USE,
                    "the state store " + file + " can't be opened: another process has it open, and " + whyNotShared()
                            + ". Nothing was changed; end that process, or use another store.",
                    failure);
        }
        return unreadable(String.valueOf(failure.getMessage()), failure);
    }

    private String whyNotShared() {
        if (address == H2Address.EXPOSED) {
            return "this one can't share it, because H2 was loaded here before Backstitch: start this JVM with"
                    + " -Dh2.bindAddress=127.0.0.1";
        }
        return connections.isHeldWithoutServer() ? "without a server to share it" : "doesn't answer";
    }

    private BackstitchException unreadable(String found, @Nullable Throwable cause) {
        return new BackstitchException(
                ErrorCode.STATE_UNREADABLE,
                "the state store " + file + " can't be opened: " + found
                        + ". Targets, shadows and ledgers are as they were. Keep a copy of the file, and name another"
                        + " one, or move this one away: a new run then says which run holds its target.",
                cause);
    }

    /** Whoever reads the directory may read plans, and the key to H2's server: a new one is the user's alone. */
    private void createDirectory() {
        Path directory = base.getParent();
        if (directory == null || Files.isDirectory(directory)) {
            return;
        }
        try {
            Path above = directory.getParent();
            if (above != null) {
                Files.createDirectories(above);
            }
            if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(directory);
            }
        } catch (IOException e) {
            if (!Files.isDirectory(directory)) {
                throw unreadable("its directory can't be created (" + e + ")", e);
            }
        }
    }

    private long size() {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw unreadable(e.toString(), e);
        }
    }

    /** H2's codes for a lost connection aren't known to the pool. */
    private static final class Eviction implements SQLExceptionOverride {
        @java.lang.Override
        public Override adjudicate(SQLException failure) {
            return Fault.of(failure) == Fault.CONNECTION ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
        }
    }
}
