package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spi.MergeCounts;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a publish of a fixed scope takes from its first statement to its commit, which is more than the drift check under
 * its lock takes, on a small and on a large table.
 */
@Tag("fault")
class DriftCostTest {
    private static final int SCOPE = 3_000;
    private static final int TIMES = 7;

    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    @Test
    void aPublishOfAFixedScope_takesTheSame_onATableFiftyTimesAsLarge() throws SQLException {
        double small = publishMillis("small", 100_000);
        double large = publishMillis("large", 5_000_000);

        System.out.printf(
                "publish of %,d rows with its drift check: %.1f ms beside 100,000 rows, %.1f ms beside 5,000,000%n",
                SCOPE, small, large);
        assertThat(large).isLessThan(small * 1.5 + 20);
    }

    /** The median; each time anew from the seed on. */
    private double publishMillis(String schema, int rows) throws SQLException {
        String target = schema + ".orders";
        warehouse.run(
                "create schema " + schema,
                "create table " + target + " (id bigint primary key, day date not null, amount int, note text)",
                "insert into " + target + " select i, case when i <= " + SCOPE
                        + " then date '2001-01-01' + i % 3 else date '2001-02-01' + i % 1000 end, i, 'note ' || i"
                        + " from generate_series(1, " + rows + ") i",
                "create index on " + target + " (day)",
                "create table " + schema + ".source as select * from " + target + " where id <= " + SCOPE,
                "vacuum analyze " + target);
        long[] nanos = new long[TIMES];
        for (int i = 0; i < TIMES; i++) {
            warehouse.run("update " + schema + ".source set amount = amount + 1");
            Work work = Work.replacing(warehouse, target, schema + ".source");
            Work ready = work.with(Runs.anew(work.order(), schema + i)).seeded();
            MergeCounts first = ready.merge(0);
            assertThat(first.updated()).isEqualTo(SCOPE / 3);
            ready.merge(1);
            ready.merge(2);
            ready.audited();
            long begun = System.nanoTime();
            assertThat(ready.publish().rowsPublished()).isEqualTo(SCOPE);
            nanos[i] = System.nanoTime() - begun;
            ready.connector().shadows().clear(ready.order());
        }
        Arrays.sort(nanos);
        return nanos[TIMES / 2] / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
