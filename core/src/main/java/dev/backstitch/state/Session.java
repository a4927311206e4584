package dev.backstitch.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.RenderQuotedNames;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;

/** One open transaction on one connection. Not thread-safe. */
final class Session {
    static {
        // Read when jOOQ's classes load; a library must not print somebody else's banner.
        System.setProperty("org.jooq.no-logo", System.getProperty("org.jooq.no-logo", "true"));
        System.setProperty("org.jooq.no-tips", System.getProperty("org.jooq.no-tips", "true"));
    }

    private final Connection connection;
    private final Configuration configuration;

    Session(Connection connection, Configuration configuration) {
        this.connection = connection;
        this.configuration = configuration;
    }

    /** What every session on a database has in common. */
    static Configuration configuration(SQLDialect dialect) {
        return new DefaultConfiguration()
                .set(dialect)
                .set(new Settings()
                        .withExecuteLogging(false)
                        .withRenderQuotedNames(RenderQuotedNames.EXPLICIT_DEFAULT_UNQUOTED)
                        .withRenderFormatted(false));
    }

    DSLContext jooq() {
        return DSL.using(configuration.derive(connection));
    }

    /** Prepares SQL that jOOQ has rendered once: where an instance takes one transaction, rendering it anew is most of the work. */
    PreparedStatement prepare(String rendered) throws SQLException {
        return connection.prepareStatement(rendered);
    }
}
