package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.atMost;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.changedRows;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.onlyColumnsChanged;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.error.RefusedException;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much of a table a backfill changes, as a gate. Of ten rows a day the source corrects two on January 1 and three on
 * January 2, of which one in another column as well; on January 3 it brings one more and lacks one.
 */
class ChangedRowsTest {
    @TempDir
    Path directory;

    private Backstitch backstitch;

    @BeforeEach
    void open() throws Exception {
        Path file = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
            Sql.run(
                    connection,
                    "create schema app",
                    "create schema raw",
                    "create table app.flights as select d * 100 + i as id, date '2026-01-01' + cast(d as integer) as day,"
                            + " 'late' as delay_class, 5 as delay from range(0, 3) t(d), range(0, 10) u(i)",
                    "create table raw.flights as select id, day, case when id in (1, 2, 101, 102, 103) then 'on_time'"
                            + " else delay_class end as delay_class, case when id = 103 then 6 else delay end as delay"
                            + " from app.flights where id <> 205 union all select 299, date '2026-01-03', 'late', 5");
        }
        backstitch = Backstitch.open(
                BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(directory.resolve("state"))));
    }

    @AfterEach
    void close() {
        backstitch.close();
    }

    private static Dag auditing(Audit audit) {
        return dag("flights")
                .run(backfill("flights")
                        .owner("me")
                        .because("delay buckets changed")
                        .target(table("app.flights"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(scopeOfTarget())
                        .merge("select id, day, delay_class, delay from raw.flights where day = :day")
                        .keyedBy("id")
                        .deletingMissing(atMost(percent(20)))
                        .audit(unique("id"), audit)
                        .publish(replacePartitions().keepingArchiveFor(ofDays(30))));
    }

    private AuditNote judged(Audit audit) {
        Dag dag = auditing(audit);
        RunResult result = backstitch.register(dag).run(backstitch.plan(dag));
        AuditNote note = backstitch.audits(result.run()).get("flights").stream()
                .filter(each -> each.name().equals(audit.name()))
                .findFirst()
                .orElseThrow();
        assertThat(result.state()).isEqualTo(note.outcome().equals("PASSED") ? RunState.PUBLISHED : RunState.FAILED);
        return note;
    }

    @Test
    void asManyRowsAsAreAllowed() {
        AuditNote note = judged(changedRows().atMost(percent(23.4)));

        assertThat(note.outcome()).isEqualTo("PASSED");
        assertThat(note.observed()).isEqualTo("7 inserted, changed or deleted, of 30");
    }

    @Test
    void moreRowsThanAreAllowed() {
        AuditNote note = judged(changedRows().atMost(percent(23)));

        assertThat(note.outcome()).isEqualTo("FAILED");
        assertThat(note.expected()).isEqualTo("at most 23% of the live rows");
        assertThat(VerdictNotes.shown(note).orElseThrow().offenders().rows())
                .containsExactly(
                        List.of("changed", "1", "delay_class: late -> on_time; "),
                        List.of("changed", "2", "delay_class: late -> on_time; "),
                        List.of("changed", "101", "delay_class: late -> on_time; "),
                        List.of("changed", "102", "delay_class: late -> on_time; "),
                        List.of("changed", "103", "delay_class: late -> on_time; delay: 5 -> 6; "),
                        List.of("removed", "205", ""),
                        List.of("added", "299", ""));
    }

    @Test
    void moreRowsOfAPartitionThanAreAllowed() {
        AuditNote note = judged(changedRows().atMost(percent(20)).perPartition());

        assertThat(note.outcome()).isEqualTo("FAILED");
        assertThat(note.observed())
                .isEqualTo(
                        "1 of 3 partitions not: 2026-01-02 (expected at most 20% of the live rows, observed 3 changed, of 10)");
    }

    @Test
    void aColumnThatWasNotMeantToChange() {
        AuditNote note = judged(onlyColumnsChanged("Delay_Class"));

        assertThat(note.outcome()).isEqualTo("FAILED");
        assertThat(note.observed()).isEqualTo("delay in 1 rows");
        assertThat(VerdictNotes.shown(note).orElseThrow().offenders().rows())
                .containsExactly(List.of("changed", "103", "delay: 5 -> 6; "));
    }

    @Test
    void theColumnsThatWereMeantToChange() {
        assertThat(judged(onlyColumnsChanged("delay_class", "delay")).observed())
                .isEqualTo("none");
    }

    @Test
    void aWarning_letsItBePublished() {
        Dag dag = auditing(onlyColumnsChanged("delay_class").warning());

        assertThat(backstitch.register(dag).run(backstitch.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void aColumnThatIsNotThere_isRefusedWhenPlanned() {
        Dag dag = auditing(onlyColumnsChanged("delay_clas"));

        assertThat(catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag)))
                .hasMessageContaining("BF-202")
                .hasMessageContaining("delay_clas");
    }

    @Test
    void whereOtherColumnsAreCompared_nobodyCountsThem() {
        Dag dag = dag("flights")
                .run(backfill("flights")
                        .owner("me")
                        .because("delay buckets changed")
                        .target(table("app.flights"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(scopeOfTarget())
                        .merge("select id, day, delay_class, delay from raw.flights where day = :day")
                        .keyedBy("id")
                        .comparing("delay")
                        .audit(onlyColumnsChanged("delay_class"))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

        assertThat(catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag)))
                .hasMessageContaining("BF-106 flights.audit onlyColumnsChanged(delay_class)")
                .hasMessageContaining("comparing");
    }
}
