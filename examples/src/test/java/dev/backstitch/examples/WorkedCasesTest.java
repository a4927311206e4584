package dev.backstitch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each case, twice in one directory: what it says, and by SQL of the test's own what it left. */
class WorkedCasesTest {
    @TempDir
    Path directory;

    /** What the case printed, the first time; the second time it finds all of it done. */
    private String twice(String name) {
        String first = played(name);
        List<String> left = everything();
        String second = played(name);
        assertThat(second).contains("is published already");
        assertThat(everything()).isEqualTo(left);
        return first;
    }

    private String played(String name, String... command) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(List.of(name, "--dir", directory.toString()));
        arguments.addAll(List.of(command));
        ExitCode code = Examples.run(Terminal.plain(out, out), arguments.toArray(String[]::new));
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(ExitCode.DONE);
        return text;
    }

    private List<String> everything() {
        return rows("select schema_name || '.' || table_name || ' ' || estimated_size from duckdb_tables() order by 1");
    }

    private List<String> rows(String query) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("warehouse.duckdb"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                result.add(String.join(" ", values));
            }
            return result;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sessionLength_holdsTheJobThatRefreshesDashboards_andIsWatchedForADay() {
        String said = twice("session-length");

        assertThat(said)
                .contains("# the host's scheduler refreshes dashboards: NORMAL")
                .contains("  holds quartz group dashboards")
                .contains("# the job that refreshes dashboards again: NORMAL")
                .contains("watched until 2026-05-09T06:00:00Z by any process that is open")
                .contains("is watched until 2026-05-09 06:00:00 UTC")
                .contains("is not watched any more: all held to the end");
        assertThat(rows("select count(*), count(session_length_sec), count(updated_at) from app.events"))
                .containsExactly("60000 14000 14000");
        assertThat(rows("select count(*) from app.events a join staging.events s using (event_id, event_date) where"
                        + " a.event_date between '2026-05-01' and '2026-05-07'"
                        + " and a.session_length_sec = epoch(s.ended_at) - epoch(s.started_at)"))
                .containsExactly("14000");
    }

    @Test
    void grossMargin_findsTheOrdersWithoutACost_beforeTheyAreLost() {
        String said = twice("gross-margin");

        assertThat(said)
                .contains("each merge with 4 threads and 1024 MB, 22:00 to 06:00 UTC")
                .contains("FAILED   coversSource(order_id of staging.orders)")
                .contains("passed   range(margin) between 0 and 1.5 but for 0.5%");
        assertThat(rows("select count(*), count(distinct order_id) from mart.margins"))
                .containsExactly("27000 27000");
        assertThat(rows("""
                select count(*) from mart.margins m asof join staging.costs c
                on m.product = c.product and m.order_date >= c.effective_from
                join staging.orders o using (order_id)
                where m.cost <> cast(o.quantity * c.unit_cost as decimal(12, 2))
                  or abs(m.margin - (m.revenue - o.quantity * c.unit_cost) / m.revenue) > 0.0001""")).containsExactly("0");
    }

    @Test
    void metricFix_isRehearsed_andLeavesDashboardsWithTheFormerVersion_untilTheyAreMovedOn() {
        String said = twice("metric-fix");

        assertThat(said)
                .contains("rehearsed net_revenue: 14 partitions, a copy of 31,000 rows")
                .contains("no target was written: structure, comment and rehearsed rows are what they were before")
                .containsPattern("estimate +\\d+\\.\\d\\d s to \\d+\\.\\d\\d s of work")
                .contains("published 01:00 to 05:00 UTC")
                .containsPattern(
                        "dashboards, by bi.revenue +31000 +1218917\\.50\\s+jobs, by mart.revenue +31000 +1229552\\.50")
                .contains("unpinned bi.revenue");
        assertThat(rows("select count(*) from mart.revenue_v3 v join staging.orders o using (order_id)"
                        + " where v.net = o.gross - o.refund"))
                .containsExactly("31000");
        assertThat(rows("select count(*) from mart.revenue_v2 where net = gross - 2 * refund and refund > 0"))
                .containsExactly("700");
        assertThat(rows("select sum(net) from bi.revenue")).isEqualTo(rows("select sum(net) from mart.revenue_v3"));
        assertThat(rows("select schema_name from duckdb_schemas() where schema_name like 'backstitch_%'"))
                .isEmpty();
    }

    @Test
    void ordersPlan_writesNothing() throws Exception {
        String said = played("orders-plan");

        assertThat(said)
                .contains("RUN 2026-09-01 .. 2026-09-30 (30)  30,000 live rows")
                .contains("# Runbook of dag orders")
                .contains("text for readers of ")
                .contains("orders-plan --dir " + directory + " approve RUN --who .. --why ..");
        assertThat(Files.readString(directory.resolve("runbook.html"))).contains("<h1>Runbook of dag orders</h1>");
        assertThat(rows("select distinct schema_name || '.' || table_name from duckdb_tables() order by 1"))
                .containsExactly("shop.customers", "shop.orders", "staging.shipping");
        assertThat(rows("select count(*), min(total), max(total) from shop.orders"))
                .containsExactly("60000 50.00 50.00");
        assertThat(played("orders-plan")).contains("# Runbook of dag orders");
    }

    @Test
    void idempotentMerge_writesNothingTheSecondTime() {
        String said = twice("idempotent-merge");

        assertThat(said).contains("1,100 rows, 100 changed").contains("1,100 rows, 0 changed");
        assertThat(said).contains("merge into ").contains("\"updated_at\" = cast(current_timestamp as TIMESTAMP)");
        List<String> runs = rows("select run from backstitch.bf_archive order by created_at");
        assertThat(runs).hasSize(2);
        assertThat(rows("""
                select distinct p.backfill_run, p.price - f.price, p.updated_at is null
                from shop.prices p join feed.prices f using (sku, day)
                where f.sent_at = timestamp '2026-04-14 06:00:00' order by 1""")).containsExactly(runs.get(0) + " 0.10 false", "null 0.00 true");
    }

    @Test
    void doubledQuantities_areHalved_andWhatIsSoldMeanwhileStays() {
        twice("doubled-quantities");

        assertThat(rows("""
                select count(*) from staging.sales s full join shop.order_items i using (order_id, item_id, day)
                where s.quantity is distinct from i.quantity and coalesce(i.order_id, 0) < 1000000""")).containsExactly("0");
        assertThat(rows("select day, quantity from shop.order_items where order_id >= 1000000"))
                .hasSize(4)
                .containsOnly("2026-05-15 1");
    }

    /** A quarter of 180,000 orders with ten pieces at 10, less a tenth. */
    @Test
    void revenueOf90Days_fallsByWhatTheDiscountIs() {
        twice("revenue-90-days");

        assertThat(rows("select pieces, count(*), sum(revenue) from finance.revenue group by all order by 1"))
                .containsExactly(
                        "1 45000 450000.00", "4 45000 1800000.00", "7 45000 3150000.00", "10 45000 4050000.00");
    }

    @Test
    void outageFill_fillsJustTheEmptyDays() {
        String said = played("outage-fill");

        assertThat(said).contains("RUN 2026-07-08 .. 2026-07-10 (3)").contains("2,000 rows in raw.events");
        assertThat(rows(
                        "select event_date, count(*), count(distinct event_id), count(*) filter (where hour(received_at) = 11)"
                                + " from app.events group by all having count(*) <> 2000 or count(distinct event_id) <> 2000"
                                + " or count(*) filter (where hour(received_at) = 11) > 0"))
                .isEmpty();
        assertThat(rows("select count(distinct partition_id) from backstitch.bf_ledger"))
                .containsExactly("3");
        assertThat(played("outage-fill")).contains("Nothing to run in dag events; nothing was changed.");
        assertThat(played("outage-fill", "runbook")).contains("Nothing to run in dag events; nothing was changed.");
    }

    @Test
    void newDimension_losesNoWrite_andFailsNoRead() {
        String said = twice("new-dimension");

        assertThat(said).contains(" reads, 0 of them failed");
        String written = said.replaceAll("(?s).*# (\\d+) visits were written meanwhile.*", "$1");
        assertThat(rows("select count(*), count(distinct visit_id) from web.visits where visit_id >= 80000"))
                .containsExactly(written + " " + written);
        assertThat(rows("""
                select visit_id % 4, channel, count(*) from web.visits
                where visit_id < 80000 and visit_id % 16 < 14 group by all order by all""")).containsExactly("0 direct 20000", "1 mail 20000", "2 ad 15000", "3 direct 15000");
        assertThat(played("new-dimension", "run", "--again"))
                .as("with the column that is there by now")
                .contains("is published");
    }

    @Test
    void monthOrchestrator_mergesEachDayOnce_thoughItsProcessIsKilled() {
        String said = twice("month-orchestrator");

        assertThat(said).contains("is unfinished (RUNNING");
        assertThat(
                        rows(
                                "select count(*), count(distinct partition_id), min(writes), max(epoch) > 1 from backstitch.bf_ledger"))
                .singleElement()
                .asString()
                .startsWith("31 31 ");
        assertThat(rows("""
                select count(*) from analytics.flights f join (
                  select flight_id, arg_max(delay, loaded_at) as delay from staging.flights group by all) s using (flight_id)
                where f.delay = s.delay and f.delay_class = if(s.delay < 15, 'on_time', 'late')""")).containsExactly("508239");
    }

    @Test
    void writeAuditPublish_failsAndIsCorrected() {
        String said = twice("write-audit-publish");

        assertThat(said).contains("FAILED").contains("'XX'").contains("select ");
        assertThat(rows("""
                select count(*) from finance.payments p join crm.customers c using (customer_id)
                where p.country <> case when p.day < date '2026-03-15' then c.country else 'DE' end""")).containsExactly("0");
        assertThat(rows("select count(*), sum(amount) from finance.payments"))
                .isEqualTo(
                        rows("select count(*), sum(cast(i % 90 + 0.99 as decimal(12, 2))) from range(1, 20001) t(i)"));
    }

    @Test
    void qualitySuite_cleansBothTables() {
        twice("quality-suite");

        for (String table : List.of("orders", "returns")) {
            assertThat(rows("select count(*) from sales." + table + " n join staging." + table
                            + " s using (" + table.replaceAll("s$", "") + "_id) where n.customer_id <> s.customer_id"
                            + " - case when s.customer_id >= 900 and s.day < date '2026-04-01' then 100 else 0 end"))
                    .containsExactly("0");
        }
    }
}
