package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Write;
import dev.backstitch.spec.Write.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteGateTest {
    private static List<String> problems(Seed seed, Write write) {
        Backfill was = Samples.backfill("flights");
        Merge merge = was.merge();
        Backfill backfill = new Backfill(
                was.name(),
                was.owner(),
                was.reason(),
                was.target(),
                was.scope(),
                new Shadow<>(seed, List.of()),
                new Merge(
                        merge.sql(),
                        List.of("flight_id"),
                        merge.dedupe(),
                        merge.deletingMissing(),
                        merge.empty(),
                        write),
                was.limits(),
                was.audits(),
                was.publish());
        return WriteGate.check("flights.", backfill).stream()
                .map(Problem::toString)
                .toList();
    }

    private static List<String> problems(Write write) {
        return problems(Seed.SCOPE_OF_TARGET, write);
    }

    @Test
    void whatMakesSense_passes() {
        assertThat(problems(Write.EVERYTHING)).isEmpty();
        assertThat(problems(new Write(Rows.UPDATE_ONLY, List.of("delay"), List.of("version"))))
                .isEmpty();
        assertThat(problems(new Write(Rows.INSERT_ONLY_MISSING, List.of(), List.of())))
                .isEmpty();
        assertThat(problems(Seed.EMPTY, Write.EVERYTHING)).isEmpty();
    }

    @Test
    void columnsOfTheKey_columnsTwice_andBlankOnes_areRefused() {
        assertThat(problems(new Write(Rows.ALL, List.of("Flight_ID", "delay", "delay"), List.of(" "))))
                .satisfiesExactly(
                        twice -> assertThat(twice).contains("flights.updating").contains("\"delay\" more than once"),
                        key -> assertThat(key).contains("flights.updating").contains("\"Flight_ID\" of keyedBy("),
                        blank -> assertThat(blank).contains("flights.comparing"));
    }

    @Test
    void insertOnlyMissing_leavesNothingToUpdate() {
        assertThat(problems(new Write(Rows.INSERT_ONLY_MISSING, List.of("delay"), List.of())))
                .singleElement()
                .asString()
                .contains("flights.insertOnlyMissing")
                .contains("updating(..) as well");
    }

    @Test
    void anEmptyShadow_hasNothingToLeaveAlone() {
        assertThat(problems(Seed.EMPTY, new Write(Rows.UPDATE_ONLY, List.of(), List.of())))
                .singleElement()
                .asString()
                .contains("flights.shadow")
                .contains("emptyLikeTarget()");
    }
}
