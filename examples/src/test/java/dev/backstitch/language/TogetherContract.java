package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.Connector;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Orders, whose rows are replaced, and their lines, a table that is swapped, published in one transaction or not at all. */
@ExtendWith(OneDatabase.class)
abstract class TogetherContract {
    private static final String NEW =
            "select (select count(*) from app.orders where label = 'new') || ' ' || (select count(*) from app.lines where label = 'new')";
    private static final String ROWS =
            "select 'o', id, day, label from app.orders union all select 'l', id, day, label from app.lines order by 1, 2";

    @TempDir
    Path directory;

    final Backfill orders = backfill("orders")
            .owner("me")
            .because("the label was wrong")
            .target(table("app.orders"))
            .scope(days("day").from("2026-01-02").to("2026-01-04"))
            .shadow(scopeOfTarget())
            .merge(
                    "select id, day, 'new' as label from app.source where day >= :partition_start and day < :partition_end")
            .keyedBy("id")
            .audit(unique("id"))
            .publish(replacePartitions().keepingArchiveFor(ofDays(7)));

    private final Backfill lines = backfill("lines")
            .owner("me")
            .because("the label was wrong")
            .target(table("app.lines"))
            .scope(days("day").from("2026-01-02").to("2026-01-04"))
            .shadow(copyOfTarget())
            .merge(
                    "select id, day, 'new' as label from app.source where day >= :partition_start and day < :partition_end")
            .keyedBy("id")
            .audit(unique("id"))
            .publish(swapTable().keepingArchiveFor(ofDays(7)));

    final Dag dag = dag("shop").run(orders, lines).publishTogether(orders, lines);

    abstract Connector connector();

    abstract Connection connect() throws SQLException;

    @BeforeEach
    final void fill() throws SQLException {
        execute(
                "create schema app",
                "create table app.source (id bigint, day date)",
                "insert into app.source select i, date '2026-01-01' + cast(i % 5 as integer) from generate_series(1, 500) s(i)",
                "create table app.orders (id bigint primary key, day date not null, label varchar(9))",
                "insert into app.orders select id, day, 'old' from app.source",
                "create table app.lines (id bigint primary key, day date not null, label varchar(9))",
                "insert into app.lines select id, day, 'old' from app.source");
    }

    @Test
    void aReader_seesBothAsTheyWere_orBothAsTheyAre() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (Backstitch backstitch = open(event -> {});
                Connection connection = connect()) {
            CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> readUntil(over, connection, seen));
            assertThat(PlanText.summary(backstitch.plan(dag)))
                    .contains("orders and lines are published in one transaction");

            RunResult result = backstitch.start(backstitch.plan(dag)).await();
            assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            backstitch.rollback(result.run());
            over.set(true);
            reader.join();
        }
        assertThat(seen).isSubsetOf("0 0", "200 200").contains("0 0");
        assertThat(rows("select distinct label from (" + ROWS + ") t")).containsExactly("old");
        assertThat(rows("select state, count(*) from backstitch.bf_head group by state"))
                .containsExactly("ROLLED_BACK 2");
    }

    @Test
    void aWriteToOne_keepsBothAsTheyWere() throws SQLException {
        String write = "update app.lines set label = 'hand' where id = 1";
        List<String> before;
        try (Backstitch backstitch = open(event -> {
            if (event instanceof RunEvent.Audited audited && audited.backfill().equals("lines")) {
                execute(write);
            }
        })) {
            RunResult result = backstitch.start(backstitch.plan(dag)).await();

            assertThat(result.state()).isEqualTo(RunState.FAILED);
            assertThat(result.failure()).contains("BF-402").contains("app.lines");
            before = rows(ROWS);
            assertThat(before).filteredOn(row -> row.endsWith("new")).isEmpty();
            assertThat(before).filteredOn(row -> row.endsWith("hand")).hasSize(1);
            assertThat(rows("select distinct state from backstitch.bf_head")).containsExactly("AUDITED");

            backstitch.cancel(result.run());
        }
        assertThat(rows(ROWS)).isEqualTo(before);
    }

    @Test
    void aWriteAfterwards_keepsBothPublished_untilItsLossIsAccepted() throws SQLException {
        List<String> before = rows(ROWS);
        try (Backstitch backstitch = open(event -> {})) {
            String run = backstitch.start(backstitch.plan(dag)).await().run();
            execute("update app.orders set label = 'hand' where id = 1");
            List<String> published = rows(ROWS);

            assertThatThrownBy(() -> backstitch.rollback(run))
                    .hasMessageContaining("BF-410")
                    .hasMessageContaining("app.orders")
                    .hasMessageNotContaining("rolled back already");
            assertThat(rows(ROWS)).isEqualTo(published);

            backstitch.rollback(run, Map.of("orders", 1L));
            assertThat(rows(ROWS)).isEqualTo(before);
        }
    }

    private static void readUntil(AtomicBoolean over, Connection connection, Set<String> seen) {
        try {
            while (!over.get()) {
                seen.addAll(Sql.rows(connection, NEW));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    final Backstitch open(RunListener listener) {
        return Backstitch.open(BackstitchConfig.of(connector(), StateStores.h2(directory.resolve("state")))
                        .listener(listener))
                .register(dag);
    }

    final void execute(String... statements) {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    final List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }
}
