package dev.backstitch.assertj;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlannedPartition;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.report.PlanText;
import java.util.List;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a plan: what it runs and skips, and why. */
public final class PlanAssert extends AbstractAssert<PlanAssert, Plan> {
    PlanAssert(Plan actual) {
        super(actual, PlanAssert.class);
    }

    /** So many partitions are run, of all backfills together. */
    public PlanAssert runs(int count) {
        return has(Decision.RUN, count);
    }

    /** So many partitions are skipped. */
    public PlanAssert skips(int count) {
        return has(Decision.SKIP, count);
    }

    /** A partition is run. */
    public PlanAssert runs(String partition) {
        return decides(partition, Decision.RUN, "");
    }

    /** A partition is skipped, with these words in its reason. */
    public PlanAssert skips(String partition, String reason) {
        return decides(partition, Decision.SKIP, reason);
    }

    private PlanAssert has(Decision decision, int count) {
        isNotNull();
        List<PlannedPartition> found = partitions().stream()
                .filter(planned -> planned.decision() == decision)
                .toList();
        if (found.size() != count) {
            failWithMessage(
                    "expected the plan of dag %s to %s %s %s, found %s:%n%s",
                    actual.dag().name(),
                    word(decision),
                    count,
                    count == 1 ? "partition" : "partitions",
                    found.size(),
                    all());
        }
        return this;
    }

    private PlanAssert decides(String partition, Decision decision, String reason) {
        isNotNull();
        List<PlannedPartition> found = partitions().stream()
                .filter(planned -> planned.partition().id().equals(partition))
                .toList();
        if (found.stream()
                .noneMatch(planned ->
                        planned.decision() == decision && planned.reason().contains(reason))) {
            failWithMessage(
                    "expected the plan of dag %s to %s partition %s%s, found %s:%n%s",
                    actual.dag().name(),
                    word(decision),
                    partition,
                    reason.isEmpty() ? "" : " because of \"" + reason + '"',
                    found.isEmpty() ? "no such partition among these" : "it otherwise",
                    found.isEmpty() ? all() : shown(found));
        }
        return this;
    }

    private List<PlannedPartition> partitions() {
        return actual.backfills().stream()
                .flatMap(planned -> planned.partitions().stream())
                .toList();
    }

    private static String word(Decision decision) {
        return switch (decision) {
            case RUN -> "run";
            case SKIP -> "skip";
        };
    }

    private static String shown(List<PlannedPartition> partitions) {
        return partitions.stream()
                .map(planned -> "  " + planned.decision() + " " + planned.partition() + "  " + planned.reason())
                .collect(Collectors.joining("\n"));
    }

    /** Every partition, as the plan's text groups them. */
    private String all() {
        return actual.backfills().stream()
                .flatMap(planned -> PlanText.partitions(planned).stream()
                        .map(line -> "  " + (actual.backfills().size() == 1 ? "" : planned.name() + ": ") + line))
                .collect(Collectors.joining("\n"));
    }
}
