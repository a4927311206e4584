package dev.backstitch.plan;

import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.plan.SafetyItem.Ask;
import dev.backstitch.plan.SafetyItem.Outcome;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Publish;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The ten of every backfill: which of them a plan meets, and what takes that away. */
class SafetyTest {
    private static final Backfill SUMS = Samples.backfill("sums");

    private static List<SafetyItem> of(Backfill backfill) {
        return new Planner(new MemoryConnector(), Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC))
                .plan(new Dag("sums", backfill))
                .safety("sums");
    }

    private static Map<Ask, SafetyItem> byAsk(Backfill backfill) {
        return of(backfill).stream().collect(Collectors.toMap(SafetyItem::ask, item -> item));
    }

    private static Backfill with(Limits limits, List<Audit> audits, Publish<?> publish) {
        return new Backfill(
                SUMS.name(),
                SUMS.owner(),
                SUMS.reason(),
                SUMS.target(),
                SUMS.scope(),
                SUMS.shadow(),
                SUMS.merge(),
                limits,
                audits,
                publish);
    }

    @Test
    void allTen_inTheirOrder() {
        assertThat(of(SUMS)).extracting(SafetyItem::ask).containsExactly(Ask.values());
        assertThat(of(SUMS))
                .filteredOn(item -> item.outcome() == Outcome.MET)
                .extracting(item -> item.ask().words())
                .contains("scope", "partitions", "repeatable writes", "no duplicates", "shadow", "resume");
    }

    @Test
    void audits_thatOnlyWarn_leaveTheTestsOpen() {
        Audit warning = new Audit.Unique(SUMS.merge().key(), Audit.Severity.WARNING);

        assertThat(byAsk(SUMS).get(Ask.QUALITY_TESTS).outcome()).isEqualTo(Outcome.MET);
        assertThat(byAsk(with(SUMS.limits(), List.of(warning), SUMS.publish())).get(Ask.QUALITY_TESTS))
                .isEqualTo(new SafetyItem(
                        Ask.QUALITY_TESTS,
                        Outcome.OPEN,
                        "its audits only warn: none of them keeps a shadow from being published"));
    }

    @Test
    void anArchive_thatIsGoneSoon_leavesTheRollbackOpen() {
        assertThat(byAsk(with(SUMS.limits(), SUMS.audits(), new Publish.ReplacePartitions(ofDays(13))))
                        .get(Ask.ROLLBACK)
                        .outcome())
                .isEqualTo(Outcome.OPEN);
        assertThat(byAsk(with(SUMS.limits(), SUMS.audits(), new Publish.ReplacePartitions(ofDays(14))))
                        .get(Ask.ROLLBACK)
                        .outcome())
                .isEqualTo(Outcome.MET);
    }

    @Test
    void eachBoundOfWhatItTakes_meetsTheResources() {
        assertThat(byAsk(SUMS).get(Ask.RESOURCES).outcome()).isEqualTo(Outcome.OPEN);
        for (Backfill bounded : List.of(
                SUMS.waitWhile(new Probe("lag", 1, Optional::empty)),
                with(SUMS.limits().pool(new Limits.Pool("nightly", 2)), SUMS.audits(), SUMS.publish()))) {
            assertThat(byAsk(bounded).get(Ask.RESOURCES).outcome()).isEqualTo(Outcome.MET);
        }
        assertThat(byAsk(SUMS.waitWhile(new Probe("lag", 1, Optional::empty)))
                        .get(Ask.RESOURCES)
                        .how())
                .isEqualTo("waits while lag objects");
    }

    @Test
    void whatIsHeld_meetsTheIsolation() {
        assertThat(byAsk(SUMS).get(Ask.ISOLATION).outcome()).isEqualTo(Outcome.OPEN);
        assertThat(byAsk(SUMS.holding(new Hold.QuartzGroup("dashboards"))).get(Ask.ISOLATION))
                .isEqualTo(new SafetyItem(
                        Ask.ISOLATION, Outcome.MET, "held from the first task to the end: quartz group dashboards"));
    }
}
