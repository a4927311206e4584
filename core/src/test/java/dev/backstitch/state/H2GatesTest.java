package dev.backstitch.state;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.io.TempDir;

final class H2GatesTest extends GatesContract {
    static {
        // Tests in the same JVM need H2's server on the loopback address, and H2 reads that once.
        H2Address.settle();
    }

    @TempDir
    Path dir;

    @Override
    protected DataSource emptyDatabase() {
        return JdbcConnectionPool.create("jdbc:h2:file:" + dir.resolve("state"), "", "");
    }
}
