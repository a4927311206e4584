package dev.backstitch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.state.InstanceKey;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeLeftTest {
    private static final Instant BEGAN = Instant.parse("2026-03-01T00:00:00Z");

    /** Merges that took these seconds, and as many that are left. */
    private static List<InstanceRecord> merges(int left, int... seconds) {
        List<InstanceRecord> merges = new ArrayList<>();
        for (int took : seconds) {
            merges.add(merge(merges.size(), InstanceState.SUCCEEDED, Optional.of(BEGAN.plusSeconds(took))));
        }
        IntStream.range(0, left)
                .forEach(i -> merges.add(
                        merge(merges.size(), i == 0 ? InstanceState.RUNNING : InstanceState.READY, Optional.empty())));
        return merges;
    }

    private static InstanceRecord merge(int position, InstanceState state, Optional<Instant> endedAt) {
        return new InstanceRecord(
                new InstanceKey("r", 2, position),
                "p" + position,
                state,
                "engine",
                1,
                Instant.EPOCH,
                "",
                Optional.of(BEGAN),
                endedAt);
    }

    @Test
    void isARange_byTheQuarterMarksOfWhatIsDone() {
        TimeLeft left = TimeLeft.of(merges(10, 1, 10, 20, 100), 2).orElseThrow();

        assertThat(left).isEqualTo(new TimeLeft(10, Duration.ofSeconds(50), Duration.ofSeconds(100)));
        assertThat(left).hasToString("10 merges are left, which may take 50 s to 100 s");
    }

    @Test
    void isUnknown_beforeThreeAreDone_andNothingWhenNoneIsLeft() {
        assertThat(TimeLeft.of(merges(5, 10, 20), 1)).isEmpty();
        assertThat(TimeLeft.of(merges(0, 10, 20, 30), 1)).isEmpty();
    }

    @Test
    void words_areAsPreciseAsIsKnown() {
        assertThat(new TimeLeft(1, Duration.ofMillis(20), Duration.ofMillis(30)))
                .hasToString("1 merge is left, which may take 1 s");
        assertThat(new TimeLeft(2_000, Duration.ofSeconds(7_100), Duration.ofHours(50)))
                .hasToString("2,000 merges are left, which may take 118 min to 50 h");
    }
}
