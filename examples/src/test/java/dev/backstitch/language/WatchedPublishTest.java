package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.references;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.event.RunEvent;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import dev.backstitch.state.WatchRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is watched on a real database: a breach is found in what is live, and takes the publish back where it may. */
class WatchedPublishTest {
    private static final Dag DAG = dag("events")
            .run(backfill("events")
                    .owner("me")
                    .because("regions were missing")
                    .target(table("app.events"))
                    .scope(days("day").from("2026-01-01").to("2026-01-04"))
                    .shadow(scopeOfTarget())
                    .merge("select id, day, region from raw.events where day = :day")
                    .keyedBy("id")
                    .audit(unique("id"))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30)))
                    .watch(ofHours(24))
                    .every(ofMinutes(15))
                    .rollingBackOnBreach()
                    .check(
                            unique("id"),
                            notNull("region"),
                            rowCount().between(1, 100),
                            references("region", "app.regions", "code")));

    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-10T00:00:00Z"));
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private Path file;
    private Backstitch backstitch;
    private List<String> before;

    @BeforeEach
    void publish() throws Exception {
        file = directory.resolve("warehouse.duckdb");
        sql(
                "create schema app",
                "create schema raw",
                "create table app.regions as select unnest(['eu', 'us']) as code",
                "create table raw.events as select i as id, date '2026-01-01' + cast(i % 3 as integer) as day,"
                        + " case when i % 2 = 0 then 'eu' else 'us' end as region from range(0, 30) t(i)",
                "create table app.events as select id, day, cast(null as varchar) as region from raw.events");
        backstitch = Backstitch.open(
                        BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(directory.resolve("state")))
                                .clock(clock())
                                .sweep(ofHours(1))
                                .listener(events::add))
                .register(DAG);
        before = rows();
        assertThat(backstitch.run(backstitch.plan(DAG)).state()).isEqualTo(RunState.PUBLISHED);
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("in UTC");
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
    }

    @AfterEach
    void close() {
        backstitch.close();
    }

    private void sql(String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
            Sql.run(connection, statements);
        }
    }

    private List<String> rows() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
            return Sql.rows(connection, "select concat_ws('|', id, day, region) from app.events order by id");
        }
    }

    private void lookLater() {
        now.updateAndGet(time -> time.plus(ofMinutes(15)));
        assertThat(backstitch.lookAtWatches()).isEqualTo(1);
    }

    private WatchRecord watch() {
        return backstitch.watches().get(0);
    }

    @Test
    void asLongAsAllHolds_nothingHappens() {
        lookLater();
        lookLater();

        assertThat(watch().looks()).isEqualTo(2);
        assertThat(watch().last()).isEmpty();
        assertThat(events).noneMatch(RunEvent.Watched.class::isInstance);
    }

    @Test
    void aBreachByAnotherTable_takesThePublishBack() throws Exception {
        sql("delete from app.regions where code = 'us'");

        lookLater();

        assertThat(rows()).isEqualTo(before);
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.ROLLED_BACK);
        assertThat(watch().state()).isEqualTo(WatchRecord.State.ENDED);
        assertThat(watch().last())
                .startsWith("the publish was taken back, since references(region in app.regions)")
                .contains("observed 15 rows");
        assertThat(backstitch.lookAtWatches()).isZero();
    }

    @Test
    void aBreachBySomebodysWrite_isTold_andHisWriteIsKept() throws Exception {
        sql("update app.events set region = null where id = 7");
        List<String> written = rows();

        lookLater();
        lookLater();

        assertThat(rows()).isEqualTo(written);
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.PUBLISHED);
        assertThat(watch().state()).isEqualTo(WatchRecord.State.WATCHING);
        assertThat(watch().breaches()).isEqualTo(2);
        assertThat(events).filteredOn(RunEvent.Watched.class::isInstance).hasSize(1);
        assertThat(events)
                .filteredOn(RunEvent.NotTakenBack.class::isInstance)
                .singleElement()
                .extracting(event -> ((RunEvent.NotTakenBack) event).reason())
                .asString()
                .startsWith("BF-410 ");
    }

    @Test
    void aPersonsRollback_endsTheWatch() {
        backstitch.rollback(backstitch.runs().get(0).id());

        lookLater();

        assertThat(watch().last()).isEqualTo("the publish was taken back");
        assertThat(watch().looks()).isZero();
    }
}
