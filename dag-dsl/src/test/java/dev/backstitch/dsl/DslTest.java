package dev.backstitch.dsl;

import static dev.backstitch.dsl.Dsl.*;
import static dev.backstitch.dsl.Dsl.identicalRows;
import static dev.backstitch.dsl.Dsl.keepFirstBy;
import static dev.backstitch.dsl.Dsl.runId;
import static dev.backstitch.dsl.Dsl.updatedAt;
import static dev.backstitch.dsl.Dsl.view;
import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.BuildGate;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Windows;
import dev.backstitch.spec.Write;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DslTest {
    private static final Windows NIGHTS = daily("22:00", "06:00", zone("Europe/Berlin"));
    private static final String SQL = """
            select f.*, classify(f.delay) as delay_class from staging.flights f
            where f.flight_date >= :partition_start and f.flight_date < :partition_end""";

    @Test
    void backfill_isJustWhatWasSaid() {
        Backfill flights = backfill("flights_delay_class")
                .owner("data-eng@example.com")
                .because("delay buckets changed in v7")
                .target(table("analytics.flights"))
                .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
                .shadow(scopeOfTarget().adding("delay_class", "varchar(12)"))
                .merge(SQL)
                .keyedBy("carrier", "flight_id")
                .dedupe(keepLatestBy("loaded_at"))
                .deletingMissing(atMost(percent(1)))
                .allowingEmpty()
                .reprocess(missing())
                .limits(concurrency(2).timeout(ofMinutes(20)).retry(times(3).exponential(ofSeconds(2), ofMinutes(5))))
                .audit(
                        unique("carrier", "flight_id"),
                        notNull("flight_date"),
                        rowCount().within(percent(2)),
                        findsNothing("no negative delay", "select * from :shadow where delay < 0")
                                .warning())
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));

        assertThat(flights)
                .isEqualTo(new Backfill(
                        "flights_delay_class",
                        "data-eng@example.com",
                        "delay buckets changed in v7",
                        new TableName(List.of("analytics", "flights")),
                        Scope.days("flight_date", LocalDate.of(2001, 1, 1), LocalDate.of(2001, 2, 1)),
                        Reprocess.MISSING,
                        new Shadow<>(
                                Shadow.Seed.SCOPE_OF_TARGET, List.of(new AddedColumn("delay_class", "varchar(12)"))),
                        new Merge(
                                SQL,
                                List.of("carrier", "flight_id"),
                                Optional.of(new Merge.Dedupe.KeepLatestBy("loaded_at")),
                                Optional.of(new Merge.AtMost(BigDecimal.ONE)),
                                Merge.Emptiness.ALLOWED),
                        new Limits(2, ofMinutes(20), new Limits.Retry(3, ofSeconds(2), ofMinutes(5))),
                        List.of(
                                new Audit.Unique(List.of("carrier", "flight_id"), Severity.BLOCKING),
                                new Audit.NotNull(List.of("flight_date"), Severity.BLOCKING),
                                new Audit.Measured(
                                        Metric.rowCount(),
                                        Optional.empty(),
                                        new Expectation.LikeLive(
                                                BigDecimal.ONE,
                                                new Expectation.Tolerance.Percent(BigDecimal.valueOf(2)),
                                                Optional.empty()),
                                        Audit.Grain.WHOLE,
                                        Severity.BLOCKING),
                                new Audit.FindsNothing(
                                        "no negative delay",
                                        "select * from :shadow where delay < 0",
                                        Severity.WARNING)),
                        new Publish.ReplacePartitions(ofDays(30))));
        assertThat(BuildGate.check(dag("flights").run(flights))).isEmpty();
    }

    @Test
    void backfill_isCautious_whereNothingWasSaid() {
        Backfill flights = settings().audit(unique("id")).publish(anArchive());

        assertThat(flights.merge())
                .isEqualTo(new Merge(SQL, List.of("id"), Optional.empty(), Optional.empty(), Merge.Emptiness.REFUSED));
        assertThat(flights.limits()).isEqualTo(Limits.DEFAULT);
    }

    @Test
    void settings_comeInAnyOrder() {
        Limits limits = timeout(ofHours(2));

        Backfill one = settings()
                .dedupe(keepLatestBy("a"))
                .deletingMissing(atMost(percent(3)))
                .allowingEmpty()
                .limits(limits)
                .audit(unique("id"))
                .publish(anArchive());
        Backfill other = settings()
                .limits(limits)
                .allowingEmpty()
                .deletingMissing(atMost(percent(3)))
                .dedupe(keepLatestBy("a"))
                .audit(unique("id"))
                .publish(anArchive());

        assertThat(one).isEqualTo(other);
    }

    @Test
    void whatAMergeMayWrite_isSaidOfRowsAndColumns() {
        Backfill some = settings()
                .updating("delay", "delay_class")
                .comparing("version")
                .updateOnly()
                .audit(unique("id"))
                .publish(anArchive());
        Backfill missing = settings().insertOnlyMissing().audit(unique("id")).publish(anArchive());

        assertThat(some.merge().write())
                .isEqualTo(new Write(Write.Rows.UPDATE_ONLY, List.of("delay", "delay_class"), List.of("version")));
        assertThat(missing.merge().write()).isEqualTo(new Write(Write.Rows.INSERT_ONLY_MISSING, List.of(), List.of()));
        assertThat(settings().audit(unique("id")).publish(anArchive()).merge().write())
                .isEqualTo(Write.EVERYTHING);
    }

    @Test
    void whatAMergeSetsByItself_andWhichRowOfAKeyCounts() {
        Backfill stamped = settings()
                .stamping(updatedAt("updated_at"), runId("backfill_run"))
                .dedupe(keepLatestBy("loaded_at", "version", "line"))
                .audit(unique("id"))
                .publish(anArchive());

        assertThat(stamped.merge().stamping())
                .contains(new Stamping(List.of(
                        new Stamp("updated_at", Stamp.Value.UPDATED_AT),
                        new Stamp("backfill_run", Stamp.Value.RUN_ID))));
        assertThat(stamped.merge().dedupe())
                .contains(new Merge.Dedupe.Keep(Merge.Dedupe.End.LATEST, List.of("loaded_at", "version", "line")));
        assertThat(keepFirstBy("loaded_at"))
                .isEqualTo(new Merge.Dedupe.Keep(Merge.Dedupe.End.FIRST, List.of("loaded_at")));
        assertThat(identicalRows()).isEqualTo(new Merge.Dedupe.IdenticalRows());
    }

    @Test
    void step_mayBeContinued_inSeveralWays() {
        SettingsStep<Coverage.ScopeOnly> common = settings();

        Backfill deduped = common.dedupe(keepLatestBy("a")).audit(unique("id")).publish(anArchive());
        Backfill refusing = common.limits(concurrency(4)).audit(notNull("id")).publish(anArchive());
        Backfill again = common.dedupe(keepLatestBy("b")).audit(unique("id")).publish(anArchive());

        assertThat(deduped.merge().dedupe()).contains(new Merge.Dedupe.KeepLatestBy("a"));
        assertThat(again.merge().dedupe()).contains(new Merge.Dedupe.KeepLatestBy("b"));
        assertThat(refusing.merge().dedupe()).isEmpty();
        assertThat(deduped.limits()).isEqualTo(Limits.DEFAULT);
        assertThat(refusing.limits().concurrency()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource
    void setting_isRefused_whenItIsMadeTwice(ThrowingCallable twice, String message) {
        assertThatThrownBy(twice)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.CONFLICTING_SETTINGS))
                .hasMessage("BF-106 backfill flights is refused; nothing was written.\n  - BF-106 flights." + message);
    }

    static Stream<Arguments> setting_isRefused_whenItIsMadeTwice() {
        String once = ": expected this setting at most once, found ";
        return Stream.of(
                failing(
                        () -> settings().dedupe(keepLatestBy("a")).dedupe(keepLatestBy("b")),
                        "dedupe" + once + "KeepLatestBy[column=a] and then KeepLatestBy[column=b]. Keep one of them."),
                failing(
                        () -> settings().deletingMissing(atMost(percent(1))).deletingMissing(atMost(percent(0.5))),
                        "deletingMissing" + once + "AtMost[percent=1] and then AtMost[percent=0.5]. Keep one of them."),
                failing(
                        () -> settings().allowingEmpty().allowingEmpty(),
                        "allowingEmpty" + once + "ALLOWED and then ALLOWED. Keep one of them."),
                failing(
                        () -> settings().stamping(runId("a")).stamping(runId("b")),
                        "stamping" + once + "Stamping[stamps=[Stamp[column=a, value=RUN_ID]]] and then"
                                + " Stamping[stamps=[Stamp[column=b, value=RUN_ID]]]. Keep one of them."),
                failing(
                        () -> settings().reprocess(all()).reprocess(failed()),
                        "reprocess" + once + "ALL and then FAILED. Keep one of them."),
                failing(
                        () -> settings().limits(concurrency(2)).allowingEmpty().limits(concurrency(3)),
                        "limits" + once
                                + "concurrency 2, timeout PT1H, 5 attempts, waits from PT1S to PT1M and then concurrency 3,"
                                + " timeout PT1H, 5 attempts, waits from PT1S to PT1M. Keep one of them."),
                failing(
                        () -> settings().during(NIGHTS).publishDuring(NIGHTS).during(NIGHTS.on(MONDAY)),
                        "during" + once
                                + "22:00 to 06:00 Europe/Berlin and then 22:00 to 06:00 Europe/Berlin, beginning"
                                + " MONDAY. Keep one of them."),
                failing(
                        () -> settings().publishDuring(NIGHTS).publishDuring(NIGHTS),
                        "publishDuring" + once + "22:00 to 06:00 Europe/Berlin and then 22:00 to 06:00 Europe/Berlin."
                                + " Keep one of them."));
    }

    @Test
    void limits_andWindows_areSaidAsTheyAreMeant() {
        LocalDate christmas = LocalDate.of(2026, 12, 25);
        Backfill flights = settings()
                .limits(concurrency(2)
                        .pool(pool("warehouse", 4))
                        .rateLimit(60, ofMinutes(1))
                        .breaker(failuresAbove(percent(20)).after(10))
                        .failFast()
                        .retry(times(5).timeouts(2).errors(3)))
                .during(NIGHTS.except(List.of(christmas)).or(allDay(List.of(christmas), zone("Europe/Berlin"))))
                .publishDuring(
                        weekly(FRIDAY, "20:00", MONDAY, "06:00", zone("UTC")).cancellingAtClose())
                .audit(unique("id"))
                .publish(anArchive());

        assertThat(flights.limits())
                .hasToString("concurrency 2, timeout PT1H, 5 attempts, waits from PT1S to PT1M, 2 timeouts, 3 errors,"
                        + " pool warehouse of 4, at most 60 in PT1M, breaker above 20% after 10, fail fast");
        assertThat(flights.during().orElseThrow())
                .hasToString("22:00 to 06:00 Europe/Berlin, except 2026-12-25; or all day 2026-12-25 Europe/Berlin");
        assertThat(flights.publishDuring().orElseThrow())
                .hasToString("20:00 to 06:00 3 days later UTC, beginning FRIDAY, cancelled when it closes");
        assertThat(dag("flights")
                        .run(flights)
                        .concurrency(4)
                        .timeout(ofHours(6))
                        .limits()
                        .orElseThrow())
                .isEqualTo(new RunLimits(OptionalInt.of(4), Optional.of(ofHours(6))));
    }

    @Test
    void limits_thatAreNone_areRefused() {
        assertThatThrownBy(() -> pool("", 1)).hasMessage("a pool's name has 1 to 100 characters: ");
        assertThatThrownBy(() -> pool("w", 0)).hasMessage("a pool has at least 1 place: 0");
        assertThatThrownBy(() -> concurrency(1).rateLimit(0, ofMinutes(1)))
                .hasMessage("a rate is at least 1 in a period: 0");
        assertThatThrownBy(() -> concurrency(1).rateLimit(1, ofMinutes(0)))
                .hasMessage("a rate's period is positive: PT0S");
        assertThatThrownBy(() -> failuresAbove(percent(1)).after(0))
                .hasMessage("a breaker trips after at least 1 failure: 0");
        assertThatThrownBy(() -> times(1).errors(0)).hasMessage("attempts are at least 1: 1, errors 0");
        assertThatThrownBy(() -> dag("d").run(sql("s", "select 1")).concurrency(0))
                .hasMessage("concurrency is at least 1: 0");
        assertThatThrownBy(() -> dag("d").run(sql("s", "select 1")).timeout(ofHours(-1)))
                .hasMessage("a timeout is positive: PT-1H");
        assertThatThrownBy(() -> daily("25:00", "06:00", zone("UTC"))).isInstanceOf(DateTimeException.class);
        assertThatThrownBy(() -> zone("Europe/Atlantis")).isInstanceOf(DateTimeException.class);
    }

    @Test
    void limits_areDerived_fromAStandard() {
        Limits standard = concurrency(2).timeout(ofMinutes(20));

        assertThat(standard.concurrency(4)).isEqualTo(new Limits(4, ofMinutes(20), Limits.Retry.DEFAULT));
        assertThat(standard).isEqualTo(new Limits(2, ofMinutes(20), Limits.Retry.DEFAULT));
        assertThat(retry(times(1)).retry()).isEqualTo(new Limits.Retry(1, ofSeconds(1), ofMinutes(1)));
    }

    @Test
    void days_areTextOrDates() {
        LocalDate first = LocalDate.of(2001, 1, 31);
        LocalDate next = LocalDate.of(2001, 2, 1);

        assertThat(days("d").from("2001-01-31").to("2001-02-01"))
                .isEqualTo(days("d").from(first).to(next))
                .isEqualTo(Scope.days("d", first, next));
        assertThat(days("d").only("2001-02-01", "2001-01-31"))
                .isEqualTo(days("d").only(next, first))
                .isEqualTo(Scope.onlyDays("d", List.of(next, first)));
        assertThat(days("d").lastDays(7)).isEqualTo(Scope.lastDays("d", 7));
    }

    @Test
    void table_takesPartsWithDots_apart() {
        assertThat(table("flights").parts()).containsExactly("flights");
        assertThat(table("a.b.c").parts()).containsExactly("a", "b", "c");
        assertThat(table("a", "b.c").parts()).containsExactly("a", "b.c");
        assertThat(table("a", "b", "c.d").parts()).containsExactly("a", "b", "c.d");
    }

    @Test
    void percent_isTheSameShare_howeverItIsWritten() {
        assertThat(percent(2)).isEqualTo(new Percent(new BigDecimal("2.00"))).hasToString("2%");
        assertThat(percent(100)).isEqualTo(new Percent(new BigDecimal("1e2"))).hasToString("100%");
        assertThat(percent(0)).isEqualTo(new Percent(new BigDecimal("0.0"))).hasToString("0%");
        assertThat(percent(0.1)).hasToString("0.1%");
    }

    @Test
    void warning_isSaid_inFrontOrBehind() {
        assertThat(warning(unique("id")))
                .isEqualTo(unique("id").warning())
                .isEqualTo(new Audit.Unique(List.of("id"), Severity.WARNING));
    }

    @Test
    void publish_isWhatTheShadowAllows() {
        Publish<Coverage.WholeTable> swap = swapTable().keepingArchiveFor(ofDays(1));

        assertThat(swap).isEqualTo(new Publish.SwapTable(ofDays(1)));
        assertThat(swap.lateWrites(catchUp()).afterApproval())
                .isEqualTo(new Publish.SwapTable(
                        ofDays(1), Publish.Approval.NEEDED, Publish.LateWrites.CATCH_UP, Optional.empty()));
        Publish<Coverage.WholeTable> repoint = repointView("bi.revenue").keepingArchiveFor(ofDays(1));
        assertThat(repoint).isEqualTo(new Publish.RepointView(table("bi.revenue"), ofDays(1)));
        assertThat(repoint.lateWrites(catchUp()).afterApproval())
                .isEqualTo(new Publish.RepointView(
                        table("bi.revenue"),
                        ofDays(1),
                        Publish.Approval.NEEDED,
                        Publish.LateWrites.CATCH_UP,
                        Optional.empty(),
                        Optional.empty()));
        assertThat(repointView("revenue").pinning(view("bi.a"), view("bi.b")).keepingArchiveFor(ofDays(1)))
                .isEqualTo(new Publish.RepointView(table("revenue"), ofDays(1))
                        .pinning(List.of(table("bi.a"), table("bi.b"))));
        assertThat(repointView(table("bi", "re.venue")).keepingArchiveFor(ofDays(1)))
                .isEqualTo(new Publish.RepointView(table("bi", "re.venue"), ofDays(1)));
        assertThat(copyOfTarget().seed()).isEqualTo(Shadow.Seed.WHOLE_TARGET);
        assertThat(scopeOfTarget().seed()).isEqualTo(Shadow.Seed.SCOPE_OF_TARGET);
        assertThat(emptyLikeTarget().seed()).isEqualTo(Shadow.Seed.EMPTY);
    }

    @Test
    void sqlFrom_readsAFileOfTheClassPath() {
        String text = "-- Größe, in a comment\nselect id from staging.flights where flight_date = :flight_date\n";

        assertThat(sqlFrom(DslTest.class, "flights.sql")).isEqualTo(text);
        assertThat(sqlFrom(DslTest.class, "/dev/backstitch/dsl/flights.sql")).isEqualTo(text);
    }

    @Test
    void dag_runsTheBackfill() {
        Backfill flights = settings().audit(unique("id")).publish(anArchive());

        assertThat(dag("history").run(flights)).isEqualTo(new Dag("history", flights));
    }

    @ParameterizedTest
    @MethodSource
    void value_isRefused_withItsText(ThrowingCallable wrong, String message) {
        assertThatThrownBy(wrong).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    static Stream<Arguments> value_isRefused_withItsText() {
        return Stream.of(
                failing(() -> days("d").from("2001-1-5"), "a day is written like 2001-01-31: \"2001-1-5\""),
                failing(
                        () -> days("d").from("2001-01-01").to("2001-02-30"),
                        "a day is written like 2001-01-31: \"2001-02-30\""),
                failing(() -> days("d").only("2001-01-01", ""), "a day is written like 2001-01-31: \"\""),
                failing(() -> percent(-0.5), "a share is not negative: -0.5%"),
                failing(() -> percent(Double.NaN), "a share is a number: NaN"),
                failing(() -> atMost(percent(101)), "a share lies between 0 and 100 percent: 101"),
                failing(() -> concurrency(0), "concurrency is at least 1: 0"),
                failing(() -> timeout(ofMinutes(0)), "a timeout is positive: PT0S"),
                failing(() -> times(0), "attempts are at least 1: 0"),
                failing(
                        () -> times(2).exponential(ofMinutes(2), ofMinutes(1)),
                        "waits run from 0 or more up to the longest: PT2M, PT1M"),
                failing(
                        () -> replacePartitions().keepingArchiveFor(ofDays(0)),
                        "an archive is kept for a positive time: PT0S"),
                failing(
                        () -> swapTable().keepingArchiveFor(ofDays(-1)),
                        "an archive is kept for a positive time: PT-24H"),
                failing(
                        () -> repointView("bi.revenue").keepingArchiveFor(ofDays(0)),
                        "an archive is kept for a positive time: PT0S"),
                failing(
                        () -> sqlFrom(DslTest.class, "none.sql"),
                        "there is no file \"none.sql\" beside dev.backstitch.dsl.DslTest; it belongs to the resources, in"
                                + " the folder of the class's package: dev/backstitch/dsl/none.sql"),
                failing(
                        () -> sqlFrom(DslTest.class, "blank.sql"),
                        "file \"blank.sql\" beside dev.backstitch.dsl.DslTest is empty"),
                failing(
                        () -> sqlFrom(DslTest.class, "latin1.sql"),
                        "file \"latin1.sql\" beside dev.backstitch.dsl.DslTest is not UTF-8"),
                failing(() -> table("a..b"), "a table's name has one to three parts, none of them blank: [a, , b]"),
                failing(
                        () -> table("a.\"b.c\""),
                        "a part with a dot or a quote is written by itself, as in table(\"a\", \"b.c\"): a.\"b.c\""));
    }

    @ParameterizedTest
    @MethodSource
    void null_isRefused_byTheParametersName(ThrowingCallable wrong, String parameter) {
        assertThatThrownBy(wrong).isInstanceOf(NullPointerException.class).hasMessage(parameter);
    }

    static Stream<Arguments> null_isRefused_byTheParametersName() {
        return Stream.of(
                failing(() -> backfill(null), "name"),
                failing(() -> dag(null), "name"),
                failing(() -> backfill("f").owner(null), "owner"),
                failing(() -> backfill("f").owner("o").because(null), "reason"),
                failing(() -> backfill("f").owner("o").because("r").target(null), "target"),
                failing(
                        () -> backfill("f")
                                .owner("o")
                                .because("r")
                                .target(table("t"))
                                .scope(null),
                        "scope"),
                failing(() -> settings().dedupe(null), "dedupe"),
                failing(() -> settings().limits(null), "limits"),
                failing(() -> settings().audit(null), "first"),
                failing(() -> settings().audit(unique("id"), (Audit) null), "rest"),
                failing(() -> settings().audit(unique("id")).publish(null), "publish"),
                failing(() -> unique("a", (String) null), "rest"),
                failing(() -> keepLatestBy(null), "column"),
                failing(() -> days(null), "column"),
                failing(() -> rowCount().within((Percent) null), "tolerance"),
                failing(() -> replacePartitions().keepingArchiveFor(null), "retention"));
    }

    private static SettingsStep<Coverage.ScopeOnly> settings() {
        return backfill("flights")
                .owner("data-eng@example.com")
                .because("buckets changed")
                .target(table("analytics.flights"))
                .scope(days("flight_date").lastDays(7))
                .shadow(emptyLikeTarget())
                .merge(SQL)
                .keyedBy("id");
    }

    private static Publish<Coverage> anArchive() {
        return replacePartitions().keepingArchiveFor(ofDays(30));
    }

    private static Arguments failing(ThrowingCallable call, String message) {
        return Arguments.of(call, message);
    }
}
