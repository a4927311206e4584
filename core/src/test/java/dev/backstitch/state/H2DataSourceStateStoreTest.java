package dev.backstitch.state;

import java.nio.file.Path;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.io.TempDir;

/** Over a data source that isn't ours, doesn't pool, and gives connections in autocommit. */
final class H2DataSourceStateStoreTest extends StateStoreContract {
    static {
        // Tests in the same JVM need H2's server on the loopback address, and H2 reads that once.
        H2Address.settle();
    }

    @TempDir
    Path dir;

    @Override
    protected StateStore open() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:" + dir.resolve("state") + ";WRITE_DELAY=0");
        database.setUser("sa");
        return StateStores.on(database);
    }
}
