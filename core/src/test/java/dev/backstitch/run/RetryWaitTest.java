package dev.backstitch.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Limits.Retry;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryWaitTest {
    private static final Retry RETRY = new Retry(9, Duration.ofSeconds(2), Duration.ofSeconds(20));

    @Test
    void waits_stayBelowTheDoublingBound_andReachItsUpperHalf() {
        for (int attempt = 1; attempt <= 6; attempt++) {
            long bound = Math.min(20_000, 2_000L << (attempt - 1));
            Random random = new Random(attempt);
            int failed = attempt;
            List<Long> waits = IntStream.range(0, 500)
                    .mapToLong(i -> RetryWait.after(RETRY, failed, random).toMillis())
                    .boxed()
                    .toList();
            assertThat(waits).allMatch(wait -> wait >= 0 && wait <= bound);
            assertThat(waits).anyMatch(wait -> wait > bound / 2);
        }
    }

    @Test
    void aHugeAttempt_doesNotOverflow() {
        assertThat(RetryWait.after(RETRY, 10_000, new Random(1))).isLessThanOrEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void noWait_isZero() {
        assertThat(RetryWait.after(new Retry(2, Duration.ZERO, Duration.ZERO), 1, new Random(1)))
                .isEqualTo(Duration.ZERO);
    }
}
