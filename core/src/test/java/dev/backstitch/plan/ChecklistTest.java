package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backstitch.Samples;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.CheckItem.Outcome;
import dev.backstitch.plan.CheckItem.Subject;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Scope;
import dev.backstitch.spi.Space;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChecklistTest {
    private static final Clock NOON_OF_THE_THIRD = Clock.fixed(Instant.parse("2001-01-03T12:00:00Z"), ZoneOffset.UTC);

    private final MemoryConnector connector = new MemoryConnector();
    private final Dag dag = Samples.flights(2);

    private Plan plan(Dag described, Waiver... waivers) {
        return new Planner(connector, NOON_OF_THE_THIRD).plan(described, List.of(waivers));
    }

    private static Map<Subject, Outcome> outcomes(Plan plan) {
        return plan.backfills().get(0).checklist().stream()
                .collect(Collectors.toMap(CheckItem::subject, CheckItem::outcome));
    }

    private static CheckItem item(Plan plan, Subject subject) {
        return plan.backfills().get(0).checklist().stream()
                .filter(item -> item.subject() == subject)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachItem_isGoneThrough() {
        assertThat(outcomes(plan(dag)))
                .containsOnlyKeys(Subject.values())
                .containsEntry(Subject.SCOPE, Outcome.PASSED)
                .containsEntry(Subject.KEY, Outcome.OPEN)
                .containsEntry(Subject.SPACE, Outcome.PASSED)
                .containsEntry(Subject.COMPARISON, Outcome.PASSED)
                .containsEntry(Subject.SOURCE, Outcome.UNKNOWN);
        assertThat(PlanText.of(plan(dag)))
                .contains("passed   comparison       with what is live: rowCount within 2%")
                .contains("unknown  source           unchanged? Unknown");
    }

    @Test
    void space_isUnknown_whereNobodyTellsIt() {
        connector.space = new Space(Optional.of(2_000_000L), Optional.empty());

        assertThat(item(plan(dag), Subject.SPACE))
                .isEqualTo(new CheckItem(
                        Subject.SPACE,
                        Outcome.UNKNOWN,
                        "shadow and archive need about 4 MB, of nobody knows how much"));
    }

    @Test
    void tooLittleSpace_doesNotStart_unlessAPersonWaivesIt() {
        connector.space = new Space(Optional.of(600L), Optional.of(1000L));
        Plan refused = plan(dag);
        assertThat(outcomes(refused)).containsEntry(Subject.SPACE, Outcome.REFUSED);
        assertThatThrownBy(() -> Waivers.requireNoneRefused(refused))
                .hasMessageStartingWith("BF-219")
                .hasMessageContaining("flights_delay_class.space: shadow and archive need about 1 kB, of 1 kB free");

        Waiver waiver = new Waiver("flights_delay_class.space", "ann", "the disk grows tonight");
        Plan waived = plan(dag, waiver);

        Waivers.requireNoneRefused(waived);
        assertThat(item(waived, Subject.SPACE).waiver()).contains(waiver);
        assertThat(PlanText.of(waived)).contains("waived   space", "waived by ann: the disk grows tonight");
        assertThat(PlanFormat.read(PlanFormat.write(waived))).isEqualTo(waived);
    }

    @Test
    void aWaiverOfWhatPassed_isRefused_andNamesWhatIsUnmet() {
        for (String item : List.of("archive", "spacee", "orders.key")) {
            BackstitchException failure =
                    (BackstitchException) catchThrowable(() -> plan(dag, new Waiver(item, "ann", "to be sure")));

            assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_VALUE);
            assertThat(failure).hasMessageContaining(item).hasMessageContaining("flights_delay_class.key");
        }
        assertThatThrownBy(() -> new Waiver("space", " ", "why")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void partitionsThatHaveNotEnded_andAuditsThatCompareNothing_areOpen() {
        Backfill before = dag.backfills().get(0);
        Backfill careless = new Backfill(
                before.name(),
                before.owner(),
                before.reason(),
                before.target(),
                Scope.days("flight_date", LocalDate.of(2001, 1, 1), LocalDate.of(2001, 1, 4))
                        .includingUnended(),
                before.shadow(),
                before.merge(),
                before.limits(),
                before.audits().stream()
                        .filter(audit -> !(audit instanceof Audit.Measured))
                        .toList(),
                before.publish());

        Plan plan = plan(new Dag("careless", careless));

        assertThat(outcomes(plan))
                .containsEntry(Subject.SCOPE, Outcome.OPEN)
                .containsEntry(Subject.COMPARISON, Outcome.OPEN);
        assertThat(item(plan, Subject.SCOPE).found()).startsWith("1 of 3 partitions have not ended");
        Waivers.requireNoneRefused(plan);
    }
}
