package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Entry.State;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.MergeCounts;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HistoryTest {
    private static final Partition DAY =
            new Partition("2001-01-01", new Slice.Days("day", LocalDate.of(2001, 1, 1), LocalDate.of(2001, 1, 2)));

    /** The states of the partition's latest entry; NONE where there is none. */
    @ParameterizedTest
    @CsvSource({
        "NONE,        RUN, SKIP, RUN",
        "CLAIMED,     RUN, RUN,  RUN",
        "MERGED,      RUN, RUN,  RUN",
        "AUDITED,     RUN, RUN,  RUN",
        "PUBLISHED,   RUN, SKIP, SKIP",
        "ROLLED_BACK, RUN, RUN,  RUN"
    })
    void decision_followsFromTheLatestEntryAlone_whenNothingIsInFlight(
            String latest, Decision all, Decision failed, Decision missing) {
        List<Entry> entries =
                latest.equals("NONE") ? List.of() : List.of(entry("r1", State.valueOf(latest), "2001-02-01T00:00:00Z"));
        List<Entry> published = latest.equals("PUBLISHED") ? entries : List.of();
        History history = new History(Optional.of(head("r9", Head.State.BUILDING)), entries, published);

        assertThat(history.decide(DAY, Reprocess.ALL, "new").decision()).isEqualTo(all);
        assertThat(history.decide(DAY, Reprocess.FAILED, "new").decision()).isEqualTo(failed);
        assertThat(history.decide(DAY, Reprocess.MISSING, "new").decision()).isEqualTo(missing);
    }

    @ParameterizedTest
    @EnumSource(Reprocess.class)
    void aPartitionInFlight_isSkipped_whateverThePolicy(Reprocess policy) {
        Entry merged = entry("r1", State.MERGED, "2001-02-01T00:00:00Z");
        History history = new History(Optional.of(head("r1", Head.State.AUDITED)), List.of(merged), List.of());

        assertThat(history.decide(DAY, policy, "new"))
                .isEqualTo(new PlannedPartition(DAY, Decision.SKIP, "in flight by run r1"));
    }

    @Test
    void aPartitionOfARunThatWasAbandoned_isNotInFlight() {
        Entry merged = entry("r1", State.MERGED, "2001-02-01T00:00:00Z");
        History history = new History(Optional.of(head("r1", Head.State.ABANDONED)), List.of(merged), List.of());

        assertThat(history.decide(DAY, Reprocess.FAILED, "new"))
                .isEqualTo(new PlannedPartition(DAY, Decision.RUN, "run r1 gave it up before its publish"));
    }

    @Test
    void reason_saysByWhichRunWhenAndWithWhichLogic() {
        Entry published = entry("r1", State.PUBLISHED, "2001-02-01T10:20:30.456Z");
        History history =
                new History(Optional.of(head("r1", Head.State.PUBLISHED)), List.of(published), List.of(published));

        assertThat(history.decide(DAY, Reprocess.MISSING, "old").reason())
                .isEqualTo("published by run r1 at 2001-02-01T10:20:30Z with the same logic");
        assertThat(history.decide(DAY, Reprocess.MISSING, "new").reason())
                .isEqualTo("published by run r1 at 2001-02-01T10:20:30Z with other logic");
    }

    /** What an older run published is live again. */
    @Test
    void aPublishThatWasTakenBack_isAFailure_butNotMissing_whenAnOlderOneIsLive() {
        Entry published = entry("r1", State.PUBLISHED, "2001-02-01T00:00:00Z");
        Entry takenBack = entry("r2", State.ROLLED_BACK, "2001-03-01T00:00:00Z");
        History history =
                new History(Optional.of(head("r2", Head.State.ROLLED_BACK)), List.of(takenBack), List.of(published));

        assertThat(history.decide(DAY, Reprocess.FAILED, "old").decision()).isEqualTo(Decision.RUN);
        assertThat(history.decide(DAY, Reprocess.MISSING, "old"))
                .isEqualTo(new PlannedPartition(
                        DAY,
                        Decision.SKIP,
                        "run r2 published it and was taken back at 2001-03-01T00:00:00Z; before that published by run r1"
                                + " at 2001-02-01T00:00:00Z with the same logic"));
    }

    private static Entry entry(String run, State state, String since) {
        return new Entry(run, DAY.id(), state, 1, "old", MergeCounts.NONE, Instant.parse(since));
    }

    private static Head head(String run, Head.State state) {
        return new Head(run, 1, state, "tester", Instant.EPOCH);
    }
}
