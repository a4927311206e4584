package dev.backstitch.connector.snowflake;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.keepLatestBy;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A dag as people write it, from plan to rollback, by the engine and the real driver. */
@Tag("emulator")
@ExtendWith(EmulatorGaps.class)
class EmulatedRunTest {
    private static final Dag DAG = dag("flights")
            .run(backfill("flights_delay_class")
                    .owner("data-eng@example.com")
                    .because("late is official from 15 minutes")
                    .target(table("analytics.flights"))
                    .scope(days("flight_date").from("2001-01-02").to("2001-01-06"))
                    .shadow(scopeOfTarget().adding("delay_class", "varchar(12)"))
                    .merge("""
                    select f.*,
                           case when f.delay < 0 then 'early'
                                when f.delay < 15 then 'on_time'
                                else 'late' end as delay_class
                    from staging.flights f
                    where f.flight_date >= :partition_start and f.flight_date < :partition_end""")
                    .keyedBy("flight_id")
                    .dedupe(keepLatestBy("loaded_at"))
                    .limits(concurrency(2))
                    .audit(
                            unique("flight_id"),
                            notNull("flight_date", "delay_class"),
                            rowCount().within(percent(0)),
                            sum("delay").within(percent(50)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    @TempDir
    Path directory;

    @Test
    void aDag_isPlannedMergedAuditedPublishedAndTakenBack() throws Exception {
        try (EmulatedWarehouse warehouse = new EmulatedWarehouse();
                Connection connection = warehouse.connections().getConnection();
                Statement sql = connection.createStatement()) {
            prepare(sql);
            List<String> before = rows(sql, "select flight_id, flight_date, delay from analytics.flights order by 1");

            Connector connector = warehouse.connector(warehouse.connections());
            BackstitchConfig config = BackstitchConfig.of(connector, StateStores.h2(directory.resolve("state")));
            try (Backstitch backstitch = Backstitch.open(config).register(DAG)) {
                RunResult result = backstitch.start(backstitch.plan(DAG)).await();

                assertThat(result.state()).as("%s", result.failure()).isEqualTo(RunState.PUBLISHED);
                assertPublished(sql);
                List<Entry> entries =
                        connector.ledger().watermarks(new ResolvedTable(database(sql), "ANALYTICS", "FLIGHTS"));
                assertThat(entries).hasSize(4).allSatisfy(entry -> {
                    assertThat(entry.rows().staged()).isEqualTo(26);
                    assertThat(entry.rows().deduped()).isEqualTo(1);
                    assertThat(entry.rows().updated()).isEqualTo(25);
                });

                backstitch.rollback(result.run());
                assertThat(rows(sql, "select flight_id, flight_date, delay from analytics.flights order by 1"))
                        .isEqualTo(before);
                assertThat(rows(sql, "select count(*) from backstitch.bf_ledger where state = 'ROLLED_BACK'"))
                        .containsExactly("4");
            }
        }
    }

    /** Six days of 25 flights; the source has corrected delays, and one flight of each day twice. */
    private static void prepare(Statement sql) throws SQLException {
        sql.execute("create schema analytics");
        sql.execute("create schema staging");
        sql.execute(
                "create table analytics.flights (flight_id bigint not null, flight_date date not null, delay integer,"
                        + " loaded_at timestamp)");
        sql.execute(
                "create table staging.flights (flight_id bigint, flight_date date, delay integer, loaded_at timestamp)");
        List<String> target = new ArrayList<>();
        List<String> source = new ArrayList<>();
        for (int day = 1; day <= 6; day++) {
            for (int n = 0; n < 25; n++) {
                String flight = "(" + (day * 100 + n) + ", '2001-01-0" + day + "', ";
                target.add(flight + (n - 5) + ", '2001-01-07 00:00:00')");
                source.add(flight + (n - 4) + ", '2001-01-08 00:00:00')");
            }
            source.add("(" + day * 100 + ", '2001-01-0" + day + "', 999, '2001-01-07 12:00:00')");
        }
        sql.execute("insert into analytics.flights values " + String.join(", ", target));
        sql.execute("insert into staging.flights values " + String.join(", ", source));
    }

    /** The truth computed another way: by arithmetic on the ids. */
    private static void assertPublished(Statement sql) throws SQLException {
        assertThat(rows(sql, """
                        select flight_date, count(*), sum(delay), count(case when delay < 0 and delay_class = 'early' then 1
                            when delay between 0 and 14 and delay_class = 'on_time' then 1
                            when delay >= 15 and delay_class = 'late' then 1 end)
                        from analytics.flights group by flight_date order by flight_date"""))
                .containsExactly(
                        "2001-01-01 25 175 0",
                        "2001-01-02 25 200 25",
                        "2001-01-03 25 200 25",
                        "2001-01-04 25 200 25",
                        "2001-01-05 25 200 25",
                        "2001-01-06 25 175 0");
        assertThat(rows(
                        sql,
                        "select column_name from information_schema.columns where table_schema = 'ANALYTICS'"
                                + " and table_name = 'FLIGHTS' order by ordinal_position"))
                .containsExactly("FLIGHT_ID", "FLIGHT_DATE", "DELAY", "LOADED_AT", "DELAY_CLASS");
    }

    private static String database(Statement sql) throws SQLException {
        return rows(sql, "select current_database()").get(0);
    }

    private static List<String> rows(Statement sql, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet found = sql.executeQuery(query)) {
            while (found.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                    values.add(found.getString(i));
                }
                rows.add(String.join(" ", values));
            }
        }
        return rows;
    }
}
