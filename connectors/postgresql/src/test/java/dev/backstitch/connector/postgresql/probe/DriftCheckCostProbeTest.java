package dev.backstitch.connector.postgresql.probe;

import static dev.backstitch.connector.postgresql.probe.Server.ask;
import static dev.backstitch.connector.postgresql.probe.Server.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the drift check costs under the publish lock, by three means and two table sizes. */
@Tag("fault")
class DriftCheckCostProbeTest {

    private Connection owner;

    @BeforeEach
    void makeLedger() throws SQLException {
        owner = Server.connect();
        run(owner, "create schema ops", "create schema app");
        run(owner, ChangeLog.TABLES);
    }

    @AfterEach
    void dropThem() throws SQLException {
        run(owner, "drop schema app cascade", "drop schema ops cascade");
        owner.close();
    }

    @Test
    void changeLog_costsTheSame_whenTheTableGrowsTenfold() throws SQLException {
        double small = changeLogMicros(100_000);
        double large = changeLogMicros(1_000_000);

        assertThat(large).as("micros, where 100,000 rows took %s", small).isLessThan(small * 5 + 2_000);
    }

    private double changeLogMicros(int rows) throws SQLException {
        run(
                owner,
                "drop table if exists app.target",
                "drop function if exists ops.log_change",
                "create table app.target (id bigint primary key, day int, name text, amount numeric(12, 2))",
                "insert into app.target select i, i %% 100, 'name ' || i %% 1000, i * 0.25 from generate_series(1, %d) i"
                        .formatted(rows),
                "vacuum analyze app.target");
        double bare = micros("update app.target set amount = amount + 1 where id <= 10000 and day = 1");
        double bareBulk = micros("update app.target set amount = amount + 1 where id <= 50000");
        run(owner, ChangeLog.TRIGGERS);
        double logged = micros("update app.target set amount = amount + 1 where id <= 10000 and day = 1");
        run(owner, "truncate ops.change", "vacuum analyze app.target");
        String snapshot = ask(owner, "select pg_current_snapshot()");
        String empty = "select exists (" + ChangeLog.driftSince(snapshot).replace("count(*)", "1") + ")";
        double log = micros(empty);
        run(owner, "insert into ops.change select 1, '5', 'UPDATE' from generate_series(1, 100000)");
        double longLog = micros(empty);
        double fingerprint = micros("select count(*), sum(hashtextextended(t::text, 0)::numeric) from app.target t");
        double slice =
                micros("select count(*), sum(hashtextextended(t::text, 0)::numeric) from app.target t where day = 1");
        double xmin = micros("select count(*) from app.target where xmin::text::bigint >= 4000000000");
        run(owner, "update app.target set day = 1 where id <= 50000", "truncate ops.change");
        double allLogged = micros("update app.target set amount = amount + 1 where id <= 50000");
        System.out.printf(
                "%,d rows: change log %.1f ms, with 100,000 seen rows in it %.1f ms; fingerprint %.0f ms, of 1/100 %.0f ms;"
                        + " xmin scan %.0f ms; update of 100 rows %.1f ms, with the triggers %.1f ms;"
                        + " of 50,000 %.0f ms, with %.0f ms%n",
                rows,
                log / 1e3,
                longLog / 1e3,
                fingerprint / 1e3,
                slice / 1e3,
                xmin / 1e3,
                bare / 1e3,
                logged / 1e3,
                bareBulk / 1e3,
                allLogged / 1e3);
        return log;
    }

    /** The middle one of five. */
    private double micros(String sql) throws SQLException {
        double[] taken = new double[5];
        for (int i = 0; i < taken.length; i++) {
            long start = System.nanoTime();
            run(owner, sql);
            taken[i] = (System.nanoTime() - start) / 1e3;
        }
        Arrays.sort(taken);
        return taken[2];
    }
}
