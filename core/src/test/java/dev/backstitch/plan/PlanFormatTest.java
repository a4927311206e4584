package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Samples;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Breaker;
import dev.backstitch.spec.Limits.Pool;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.Window.AllDay;
import dev.backstitch.spec.Window.Recurring;
import dev.backstitch.spec.Windows;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanFormatTest {
    private static final ViewInfo VIEW = new ViewInfo(
            new ResolvedTable("", "bi", "revenue"),
            "18",
            "select * from analytics.flights",
            Optional.of(new ResolvedTable("", "analytics", "flights")),
            List.of());

    @Test
    void aPlan_isTheSameAfterWritingAndReading_andSoIsItsHash() {
        Plan plan = plan(Samples.flights(2));

        Plan read = PlanFormat.read(PlanFormat.write(plan));

        assertThat(read).isEqualTo(plan);
        assertThat(read.sha256()).isEqualTo(plan.sha256()).hasSize(64);
    }

    @Test
    void aPlanBehindAView_isTheSameAfterWritingAndReading() {
        Plan plan = plan(Samples.flights(2), Optional.of(VIEW));

        Plan read = PlanFormat.read(PlanFormat.write(plan));

        assertThat(read).isEqualTo(plan);
        assertThat(read.backfills().get(0).live()).hasToString("bi.revenue");
    }

    @Test
    void aPlanWithoutAView_readsAsBeforeThereWereAny() {
        String frozen = PlanFormat.write(plan(Samples.flights(2)));

        assertThat(frozen).doesNotContain("\"view\":");
        assertThat(PlanFormat.read(frozen).backfills().get(0).view()).isEmpty();
    }

    @Test
    void aVersionsName_isWhatPeopleKnowAndTheRunsHash_withinEveryDatabasesBounds() {
        WorkOrder order = WorkOrders.of(plan(Samples.flights(2), Optional.of(VIEW)), "7", 1, "me")
                .get(0);
        WorkOrder next = WorkOrders.of(plan(Samples.flights(2), Optional.of(VIEW)), "8", 1, "me")
                .get(0);
        ViewInfo long63 =
                new ViewInfo(new ResolvedTable("", "bi", "ü".repeat(31) + "x"), "18", "", Optional.empty(), List.of());
        String longest = WorkOrders.of(plan(Samples.flights(2), Optional.of(long63)), "7", 1, "me")
                .get(0)
                .published()
                .table();

        assertThat(order.published().toString()).matches("analytics\\.revenue_[0-9a-f]{12}");
        assertThat(next.published()).isNotEqualTo(order.published());
        assertThat(order.archive()).isEqualTo(order.target().name());
        assertThat(order.live()).hasToString("bi.revenue");
        assertThat(longest).matches("ü{25}_[0-9a-f]{12}");
        assertThat(longest.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(63);
    }

    @Test
    void anotherScope_isAnotherHash() {
        assertThat(plan(Samples.flights(2)).sha256())
                .isNotEqualTo(plan(Samples.flights(3)).sha256());
    }

    @Test
    void aLaterFormat_isRefused_andSaysSo() {
        String later = PlanFormat.write(plan(Samples.flights(1))).replace("\"format\":" + Plan.FORMAT, "\"format\":99");

        assertThatThrownBy(() -> PlanFormat.read(later))
                .isInstanceOf(BackstitchException.class)
                .hasMessageStartingWith("BF-508")
                .hasMessageContaining("format 99");
    }

    @Test
    void aDamagedPlan_isRefused() {
        assertThatThrownBy(() -> PlanFormat.read("{\"format\":1,"))
                .isInstanceOf(BackstitchException.class)
                .hasMessageStartingWith("BF-508");
    }

    @Test
    void aPlanOfFormat1_isStillRead_asADagOfOneBackfill() throws Exception {
        Plan plan = PlanFormat.read(sample("plan-format-1.json"));

        assertThat(plan.format()).isEqualTo(Plan.FORMAT);
        assertThat(plan.dag().name()).isEqualTo("quickstart");
        assertThat(plan.backfills()).singleElement().satisfies(planned -> {
            assertThat(planned.name()).isEqualTo("flights_delay_class");
            assertThat(planned.scope()).hasSize(31);
            assertThat(planned.target().name()).hasToString("analytics.flights");
        });
        assertThat(plan.dag().backfills().get(0).limits().concurrency()).isEqualTo(2);
        assertThat(plan.tasks()).extracting(Task::name).containsExactly("scope", "shadow", "merge", "audit", "publish");
        assertThat(PlanFormat.read(PlanFormat.write(plan))).isEqualTo(plan);
    }

    @Test
    void aPlanOfFormat2_isStillRead() throws Exception {
        Plan plan = PlanFormat.read(sample("plan-format-2.json"));

        assertThat(plan.format()).isEqualTo(Plan.FORMAT);
        assertThat(plan.backfill("flights_delay_class").scope()).hasSize(31);
        assertThat(plan.tasks()).extracting(Task::name).containsExactly("scope", "shadow", "merge", "audit", "publish");
        assertThat(PlanFormat.read(PlanFormat.write(plan))).isEqualTo(plan);
    }

    @Test
    void aDagOfSeveralMembers_isTheSameAfterWritingAndReading_butForItsCode() {
        CallTask call = new CallTask("notify", 3, Limits.DEFAULT, made -> {});
        Dag dag = Samples.flights(2)
                .then(new SqlTask("refresh", "call refresh()", Limits.DEFAULT))
                .then(call);

        Plan read = PlanFormat.read(PlanFormat.write(plan(dag)));

        assertThat(read.dag()).isEqualTo(dag);
        assertThatThrownBy(() -> ((CallTask) read.dag().member("notify").orElseThrow()).run(null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("frozen plan");
        assertThat(PlanDifference.between(dag, Samples.flights(2)))
                .anySatisfy(
                        line -> assertThat(line).startsWith("notify: planned {").endsWith("now nothing"))
                .anySatisfy(line -> assertThat(line).startsWith("dag.edges[0]: planned {"));
    }

    @Test
    void limitsAndWindows_areFrozen_andWhatLacksThem_hasTheBytesOfBefore() {
        Limits limits = new Limits(2, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO).timeouts(2))
                .pool(new Pool("warehouse", 4))
                .rateLimit(60, Duration.ofMinutes(1))
                .breaker(new Breaker(new Percent(BigDecimal.TEN)))
                .failFast();
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Windows windows = new Windows(Recurring.daily(LocalTime.of(22, 0), LocalTime.of(6, 0), berlin))
                .on(DayOfWeek.MONDAY)
                .or(new Windows(new AllDay(List.of(LocalDate.of(2026, 12, 25)), berlin)))
                .cancellingAtClose();
        Backfill backfill = Samples.backfill("one", limits).during(windows).publishDuring(windows);
        Dag dag = new Dag("one", backfill).concurrency(3).timeout(Duration.ofHours(6));

        assertThat(PlanFormat.read(PlanFormat.write(plan(dag))).dag()).isEqualTo(dag);
        assertThat(PlanFormat.write(plan(Samples.flights(2))))
                .doesNotContain("during", "pool", "rate", "breaker", "afterFailure", "timeouts", "errors");
        assertThat(PlanDifference.between(Samples.flights(2), timed(Samples.flights(2), windows)))
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("flights_delay_class.during: planned nothing, now {"));
    }

    private static Dag timed(Dag dag, Windows windows) {
        return new Dag(dag.name(), dag.backfills().get(0).during(windows));
    }

    @Test
    void differences_areNamedByTheirPath() {
        Dag planned = Samples.flights(2);
        Backfill before = planned.backfills().get(0);
        Dag edited = new Dag(
                planned.name(),
                new Backfill(
                        before.name(),
                        before.owner(),
                        before.reason(),
                        before.target(),
                        before.scope(),
                        before.shadow(),
                        before.merge(),
                        new Limits(4, before.limits().timeout(), before.limits().retry()),
                        before.audits().subList(0, 3),
                        before.publish()));

        assertThat(PlanDifference.between(planned, edited))
                .hasSize(2)
                .anySatisfy(
                        line -> assertThat(line).isEqualTo("flights_delay_class.limits.concurrency: planned 2, now 4"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("flights_delay_class.audits[3]: planned {")
                        .endsWith("now nothing"));
        assertThat(PlanDifference.between(planned, Samples.flights(2))).isEmpty();
    }

    private static String sample(String name) throws IOException {
        return new String(PlanFormatTest.class.getResourceAsStream(name).readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Plan plan(Dag dag) {
        return plan(dag, Optional.empty());
    }

    private static Plan plan(Dag dag, Optional<ViewInfo> view) {
        Column day = new Column(
                "flight_date", "DATE", Column.Family.DATE, Column.Nullability.NOT_NULL, Column.Origin.WRITTEN);
        LocalDate first = LocalDate.of(2001, 1, 1);
        List<PlannedPartition> partitions = List.of(
                new PlannedPartition(
                        new Partition("2001-01-01", new Slice.Days("flight_date", first, first.plusDays(1))),
                        PlannedPartition.Decision.RUN,
                        "requested",
                        Optional.of(new LiveRows(7, LiveRows.Basis.COUNTED))),
                new PlannedPartition(
                        new Partition(
                                "2001-01-02", new Slice.Days("flight_date", first.plusDays(1), first.plusDays(2))),
                        PlannedPartition.Decision.SKIP,
                        "not ended"));
        Dependent dependent =
                new Dependent("view", "bi.flights", Dependent.Fate.REFUSED, Dependent.Fate.PRESERVED, "it follows");
        return new Plan(
                Plan.FORMAT,
                dag,
                Instant.parse("2026-11-01T00:00:00.123456Z"),
                "memory",
                List.of(new PlannedBackfill(
                        "flights_delay_class",
                        new TableInfo(
                                new ResolvedTable("", "analytics", "flights"),
                                "17",
                                TableInfo.Kind.TABLE,
                                List.of(day),
                                List.of(List.of("flight_id")),
                                5,
                                "abc"),
                        List.of(day),
                        partitions,
                        List.of(dependent),
                        List.of("merge ß \"quoted\""),
                        List.of("publish"),
                        Optional.of(new Reads(
                                List.of(new Reads.Definition("view", "staging.recent", "0123")), List.of("rows"))),
                        "logic",
                        List.of(new CheckItem(
                                CheckItem.Subject.SPACE,
                                CheckItem.Outcome.WAIVED,
                                "little",
                                Optional.of(new Waiver("space", "ann", "it will do")))),
                        view,
                        Optional.empty(),
                        Optional.empty())),
                Tasks.of(dag, backfill -> List.of("2001-01-01"), Set.of()));
    }
}
