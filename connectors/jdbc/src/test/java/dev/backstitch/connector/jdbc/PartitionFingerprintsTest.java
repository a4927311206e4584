package dev.backstitch.connector.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionFingerprintsTest {
    private static final List<Partition> SCOPE = List.of(ids(0), ids(10), ids(20));

    private static final PartitionFingerprints BEFORE = new PartitionFingerprints(
            Map.of(0, new Fingerprint(2, "18446744073709551616"), 2, new Fingerprint(1, "7")), new Fingerprint(3, "5"));

    private static Partition ids(long from) {
        return new Partition(Long.toString(from), new Slice.Numbers("id", from, from + 10));
    }

    @Test
    void text_isReadAsItWasWritten_andBeginsWithTheWhole() {
        assertThat(BEFORE).hasToString("6:18446744073709551628\n3:5\n0 2:18446744073709551616\n2 1:7");
        assertThat(PartitionFingerprints.parse(BEFORE.toString())).isEqualTo(BEFORE);
        assertThat(PartitionFingerprints.parse("0:0\n0:0").byPlace()).isEmpty();
    }

    @Test
    void differing_areThoseWhoseRowsCameOrWentOrChanged() {
        PartitionFingerprints now = new PartitionFingerprints(
                Map.of(1, new Fingerprint(1, "9"), 2, new Fingerprint(1, "7")), new Fingerprint(3, "5"));

        assertThat(now.differing(BEFORE, SCOPE)).containsExactly(SCOPE.get(0), SCOPE.get(1));
        assertThat(BEFORE.differing(BEFORE, SCOPE)).isEmpty();
    }

    @Test
    void minus_isTheInverseOfPlus() {
        Fingerprint one = new Fingerprint(2, "18446744073709551616");
        Fingerprint other = new Fingerprint(5, "3");

        assertThat(one.plus(other).minus(one)).isEqualTo(other);
        assertThat(one.plus(other)).hasToString("7:18446744073709551619");
    }
}
