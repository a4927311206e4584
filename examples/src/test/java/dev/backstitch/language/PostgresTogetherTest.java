package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.Connector;
import dev.backstitch.state.RunState;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresTogetherTest extends TogetherContract {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() before each test.
    private static DataSource database;

    @BeforeAll
    static void start() throws SQLException {
        database = SharedPostgres.database();
    }

    @AfterEach
    void empty() {
        execute("drop schema app cascade", "drop schema if exists backstitch cascade");
    }

    @Override
    Connector connector() {
        return Postgres.on(database).open();
    }

    @Override
    Connection connect() throws SQLException {
        return database.getConnection();
    }

    /** Either alone would break the key: the source lacks orders that the old lines still refer to. */
    @Test
    void aKeyFromOneToTheOther_isCheckedWhenBothHaveTheirRows() throws SQLException {
        execute(
                "delete from app.source where id % 10 = 1",
                "alter table app.lines add foreign key (id) references app.orders deferrable");
        Backfill orders = replacing("orders");
        Backfill lines = replacing("lines");

        RunResult together = run(dag("both").run(orders, lines).publishTogether(orders, lines));
        assertThat(together.state()).as(together.failure()).isEqualTo(RunState.PUBLISHED);
        assertThat(rows("select count(*) from app.orders where id % 10 = 1")).containsExactly("0");
    }

    @Test
    void aKeyFromOneToTheOther_refusesEachAlone() {
        execute(
                "delete from app.source where id % 10 = 1",
                "alter table app.lines add foreign key (id) references app.orders deferrable");

        RunResult alone = run(dag("alone").run(replacing("orders")));
        assertThat(alone.state()).isEqualTo(RunState.FAILED);
        assertThat(alone.failure()).contains("violates foreign key constraint");
    }

    private RunResult run(Dag dag) {
        try (Backstitch backstitch = open(event -> {})) {
            backstitch.register(dag);
            return backstitch.start(backstitch.plan(dag)).await();
        }
    }

    private static Backfill replacing(String table) {
        return backfill(table)
                .owner("me")
                .because("orders were cancelled")
                .target(table("app." + table))
                .scope(days("day").from("2026-01-02").to("2026-01-04"))
                .shadow(scopeOfTarget())
                .merge(
                        "select id, day, 'new' as label from app.source where day >= :partition_start and day < :partition_end")
                .keyedBy("id")
                .deletingMissing(atMost(percent(100)))
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(7)));
    }
}
