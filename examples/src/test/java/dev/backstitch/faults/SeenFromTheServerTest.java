package dev.backstitch.faults;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.pool;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.times;
import static dev.backstitch.dsl.Dsl.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.Run;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What engines have PostgreSQL do at a time, as {@code pg_stat_activity} shows it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SeenFromTheServerTest {
    private static final LocalDate FIRST = LocalDate.parse("2020-01-01");
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final String OURS = "from pg_stat_activity where datname = current_database() and state = 'active'"
            + " and pid <> pg_backend_pid() and query like '%pg_sleep%'";

    @TempDir
    static Path directory;

    private static Laboratory laboratory;
    private Site site;
    private Connection observer;
    private Backstitch one;
    private Backstitch other;

    @BeforeAll
    static void prepare() {
        laboratory = new Laboratory(directory);
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    @BeforeEach
    void open() throws SQLException, IOException {
        site = laboratory.empty(Product.POSTGRESQL);
        observer = DriverManager.getConnection(site.url());
        Sql.run(observer, "create schema app", "create schema staging");
        for (String name : List.of("one", "two", "three")) {
            Sql.run(
                    observer,
                    "create table app." + name + " (id bigint primary key, day date not null, amount integer)",
                    "insert into app." + name + " select d, date '" + FIRST + "' + d, d from generate_series(0, 9) d");
        }
        one = engine();
        other = engine();
    }

    private Backstitch engine() {
        return Backstitch.open(BackstitchConfig.of(
                        Postgres.on(SharedRun.connections(site.url())).open(),
                        StateStores.on(SharedRun.connections(site.url())))
                .sweep(Duration.ofMillis(200)));
    }

    @AfterEach
    void drop() throws SQLException, IOException {
        one.close();
        other.close();
        observer.close();
        laboratory.drop(site);
    }

    private static Dag sleeping(String target, int partitions, double seconds, Limits limits) {
        return dag(target)
                .run(backfill(target)
                        .owner("data-eng@example.com")
                        .because("to be seen")
                        .target(table("app." + target))
                        .scope(days("day").from(FIRST).to(FIRST.plusDays(partitions)))
                        .shadow(scopeOfTarget())
                        .merge("select e.* from app." + target + " e, pg_sleep(" + seconds + ")"
                                + " where e.day >= :partition_start and e.day < :partition_end")
                        .keyedBy("id")
                        .limits(limits)
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(Duration.ofDays(3))));
    }

    private int running() throws SQLException {
        return Integer.parseInt(Sql.one(observer, "select count(*) " + OURS));
    }

    private void awaitRunning(int count) throws SQLException {
        while (running() != count) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    @Test
    void aCancelFromAnotherProcess_endsTheStatement() throws Exception {
        Dag dag = sleeping("one", 4, 60, concurrency(2));
        Run run = one.register(dag).start(one.plan(dag));
        awaitRunning(2);

        long asked = System.nanoTime();
        CompletableFuture<Void> cancel =
                CompletableFuture.runAsync(() -> other.register(dag).cancel(run.id()));
        awaitRunning(0);
        Duration took = Duration.ofNanos(System.nanoTime() - asked);

        System.out.println("seen from the server: a cancelled statement is gone after " + took.toMillis() + " ms");
        assertThat(took).isLessThan(SOON);
        assertThatThrownBy(run::await).hasMessageContaining("cancel");
        cancel.join();
        assertThat(other.runs().get(0).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aStatementThatTimesOut_wasThereNoLongerThanItsTimeout() throws Exception {
        Dag dag = sleeping(
                "one", 1, 60, concurrency(1).timeout(Duration.ofSeconds(1)).retry(times(1)));
        Run run = one.register(dag).start(one.plan(dag));
        CompletableFuture<RunResult> result = CompletableFuture.supplyAsync(run::await);
        Duration oldest = Duration.ZERO;
        while (!result.isDone()) {
            for (String age :
                    Sql.column(observer, "select extract(epoch from clock_timestamp() - query_start) " + OURS)) {
                Duration seen = Duration.ofMillis((long) (Double.parseDouble(age) * 1000));
                oldest = seen.compareTo(oldest) > 0 ? seen : oldest;
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }

        System.out.println(
                "seen from the server: a statement with a timeout of 1 s was there for " + oldest.toMillis() + " ms");
        assertThat(oldest).isBetween(Duration.ofMillis(500), SOON.plusSeconds(1));
        assertThat(result.join().failure()).startsWith("BF-314");
        assertThat(running()).isZero();
    }

    @Test
    void threeRunsOnTwoEngines_neverHaveMoreAtWorkThanTheirPool() throws Exception {
        Limits limits = concurrency(4).pool(pool("warehouse", 2));
        List<Dag> dags = Stream.of("one", "two", "three")
                .map(name -> sleeping(name, 6, 0.1, limits))
                .toList();
        dags.forEach(dag -> {
            one.register(dag);
            other.register(dag);
        });
        one.work();
        other.work();
        List<Run> runs = List.of(
                one.start(one.plan(dags.get(0))),
                other.start(other.plan(dags.get(1))),
                one.start(one.plan(dags.get(2))));
        CompletableFuture<Void> all = CompletableFuture.runAsync(() -> runs.forEach(Run::await));
        int most = 0;
        int looks = 0;
        while (!all.isDone()) {
            most = Math.max(most, running());
            looks++;
        }
        all.join();

        System.out.println("seen from the server: a pool of 2 had at most " + most + " at work in " + looks + " looks");
        // Whether two overlap is chance; that three never do is not.
        assertThat(most).isBetween(1, 2);
        assertThat(one.runs()).allSatisfy(run -> assertThat(run.state()).isEqualTo(RunState.PUBLISHED));
    }
}
