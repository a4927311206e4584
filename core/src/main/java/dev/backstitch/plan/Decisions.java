package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.INVALID_SCOPE;
import static dev.backstitch.error.ErrorCode.NOTHING_LEFT;
import static dev.backstitch.error.ErrorCode.NOTHING_TO_RUN;

import dev.backstitch.error.Problem;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which partitions of a scope run, which are skipped, and why. */
final class Decisions {
    private static final int EXAMPLES = 5;

    private final Backfill backfill;
    private final Clock clock;
    private final Beginnings beginnings;
    private final List<PlannedPartition> partitions;

    private Decisions(Backfill backfill, Clock clock, Beginnings beginnings, List<PlannedPartition> partitions) {
        this.beginnings = beginnings;
        this.backfill = backfill;
        this.clock = clock;
        this.partitions = partitions;
    }

    /**
     * Decides for each partition.
     *
     * @param beginnings where scopes begin that are said since a watermark
     * @param history what became of the target's partitions before
     * @param logic the fingerprint of what a merge would compute
     */
    static Decisions of(Backfill backfill, Clock clock, Beginnings beginnings, History history, String logic) {
        return new Decisions(
                backfill,
                clock,
                beginnings,
                ScopeResolver.resolve(backfill.scope(), clock, beginnings).stream()
                        .map(partition -> decide(backfill, clock, partition, history, logic))
                        .toList());
    }

    /** Of what runs only that which lacks something. */
    Decisions lacking(Gaps gaps) {
        return new Decisions(
                backfill,
                clock,
                beginnings,
                partitions.stream().map(gaps::decide).toList());
    }

    List<PlannedPartition> partitions() {
        return partitions;
    }

    /** Those of the scope that have ended or are asked for all the same, whether or not they run. */
    List<Partition> inScope() {
        return partitions.stream()
                .map(PlannedPartition::partition)
                .filter(partition -> backfill.scope().includesUnended() || ScopeResolver.hasEnded(partition, clock))
                .toList();
    }

    /** Those that run. */
    List<Partition> run() {
        return partitions.stream()
                .filter(planned -> planned.decision() == Decision.RUN)
                .map(PlannedPartition::partition)
                .toList();
    }

    private static PlannedPartition decide(
            Backfill backfill, Clock clock, Partition partition, History history, String logic) {
        boolean ended = ScopeResolver.hasEnded(partition, clock);
        String end = ended
                ? ""
                : ScopeResolver.end(partition, clock.getZone())
                        .map(Instant::toString)
                        .orElse("");
        if (!ended && !backfill.scope().includesUnended()) {
            return new PlannedPartition(partition, Decision.SKIP, "not ended until " + end);
        }
        PlannedPartition planned = history.decide(partition, backfill.reprocess(), logic);
        return ended || planned.decision() == Decision.SKIP
                ? planned
                : new PlannedPartition(
                        partition,
                        Decision.RUN,
                        "not ended until " + end + ", asked for all the same; " + planned.reason());
    }

    /** The problem that {@code except(..)} names what isn't there. */
    Optional<Problem> excludedInVain() {
        List<String> ids = ScopeResolver.excludedInVain(backfill.scope(), clock, beginnings);
        if (ids.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                INVALID_SCOPE,
                backfill.name() + ".scope",
                "that except(..) names partitions of the scope",
                ids.size() + " that it does not have, such as "
                        + ids.stream().limit(EXAMPLES).collect(Collectors.joining(", ")),
                "Correct them: whoever excludes a partition should know that it would be there."));
    }

    /** The problem that no partition runs. */
    Optional<Problem> nothingToRun() {
        if (!run().isEmpty()) {
            return Optional.empty();
        }
        List<PlannedPartition> leftOut = partitions.stream()
                .filter(planned ->
                        backfill.scope().includesUnended() || ScopeResolver.hasEnded(planned.partition(), clock))
                .toList();
        if (!leftOut.isEmpty()) {
            return Optional.of(nothingLeft(leftOut));
        }
        return Optional.of(new Problem(
                NOTHING_TO_RUN,
                backfill.name() + ".scope",
                "at least one partition that has ended",
                partitions.isEmpty()
                        ? "an empty scope" + since()
                        : partitions.size() + " of them, the first "
                                + partitions.get(0).reason(),
                "Choose earlier partitions, or ask for these with includingUnended()."));
    }

    /** Nothing new is no mistake of whoever said it. */
    private String since() {
        return backfill.scope().factors().stream()
                .filter(Scope.Since.class::isInstance)
                .map(Scope.Since.class::cast)
                .map(since -> ": " + since.table() + " is published up to " + beginnings.apply(since)
                        + ", and nothing has ended since")
                .findFirst()
                .orElse("");
    }

    private Problem nothingLeft(List<PlannedPartition> leftOut) {
        Map<String, Long> reasons = leftOut.stream()
                .collect(Collectors.groupingBy(PlannedPartition::reason, LinkedHashMap::new, Collectors.counting()));
        String policy = backfill.reprocess().name().toLowerCase(Locale.ROOT);
        return new Problem(
                NOTHING_LEFT,
                backfill.name() + ".scope",
                backfill.scope()
                        .repair()
                        .map(missing -> "a partition that lacks rows of " + missing.source())
                        .orElse("a partition that reprocess(" + policy + "()) lets run"),
                leftOut.size() + " that it skips: "
                        + reasons.entrySet().stream()
                                .limit(EXAMPLES)
                                .map(each -> each.getValue() + " " + each.getKey())
                                .collect(Collectors.joining("; "))
                        + (reasons.size() > EXAMPLES ? "; .." : ""),
                backfill.scope().repair().isPresent()
                        ? "Nothing has to be done, as far as counts tell."
                        : "Nothing has to be done, as far as the ledger knows; whether the source has changed since, it"
                                + " does not. reprocess(all()) computes them again.");
    }
}
