package dev.backstitch.plan;

import dev.backstitch.plan.SafetyItem.Ask;
import dev.backstitch.plan.SafetyItem.Outcome;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a planned backfill meets the ten of every backfill. Pure. */
final class Safety {
    /** Less is open: an error is often seen only when the next month's figures come. */
    static final Duration USUAL_RETENTION = Duration.ofDays(14);

    private final Backfill backfill;
    private final PlannedBackfill planned;

    private Safety(Backfill backfill, PlannedBackfill planned) {
        this.backfill = backfill;
        this.planned = planned;
    }

    /** All ten, in their order. */
    static List<SafetyItem> of(Backfill backfill, PlannedBackfill planned) {
        Safety safety = new Safety(backfill, planned);
        return List.of(
                met(Ask.SCOPE, safety.scope()),
                met(Ask.PARTITIONS, safety.partitions()),
                met(
                        Ask.REPEATABLE_WRITES,
                        "keyed by " + String.join(", ", backfill.merge().key()) + ": a second run changes nothing"),
                met(
                        Ask.NO_DUPLICATES,
                        backfill.merge().dedupe().isPresent()
                                ? "of several rows with one key one counts, by a declared rule"
                                : "several rows with one key are refused"),
                met(Ask.SHADOW, safety.shadow()),
                safety.qualityTests(),
                safety.resources(),
                safety.isolation(),
                met(Ask.RESUME, "each partition's checkpoint commits with its rows"),
                safety.rollback());
    }

    private static SafetyItem met(Ask ask, String how) {
        return new SafetyItem(ask, Outcome.MET, how);
    }

    private static SafetyItem open(Ask ask, String how) {
        return new SafetyItem(ask, Outcome.OPEN, how);
    }

    private String scope() {
        List<Partition> scope = planned.scope();
        if (scope.isEmpty()) {
            return "nothing is left of it";
        }
        return scope.size() == 1
                ? "frozen: " + scope.get(0)
                : "frozen: " + scope.size() + " partitions, from " + scope.get(0) + " to "
                        + scope.get(scope.size() - 1);
    }

    private String partitions() {
        Limits limits = backfill.limits();
        return "each merged by itself, " + limits.concurrency() + " at a time"
                + limits.pool()
                        .map(pool -> ", in pool " + pool.name() + " of " + pool.size())
                        .orElse("");
    }

    private String shadow() {
        return switch (backfill.shadow().seed()) {
            case WHOLE_TARGET -> "a copy of the whole table; the target is untouched until the publish";
            case SCOPE_OF_TARGET -> "a copy of the scope's rows; the target is untouched until the publish";
            case EMPTY -> "it begins empty; the target is untouched until the publish";
        };
    }

    private SafetyItem qualityTests() {
        long blocking = backfill.audits().stream()
                .filter(audit -> audit.severity() == Audit.Severity.BLOCKING)
                .count();
        return blocking == 0
                ? open(Ask.QUALITY_TESTS, "its audits only warn: none of them keeps a shadow from being published")
                : met(
                        Ask.QUALITY_TESTS,
                        blocking + " of " + backfill.audits().size()
                                + " audits keep a shadow that fails them from being published");
    }

    private SafetyItem resources() {
        Limits limits = backfill.limits();
        List<String> bounds = new ArrayList<>();
        backfill.during().ifPresent(windows -> bounds.add("begins " + windows));
        limits.pool().ifPresent(pool -> bounds.add("shares pool " + pool.name()));
        limits.rate()
                .ifPresent(rate -> bounds.add(
                        "at most " + rate.partitions() + " partitions begin in " + Durations.words(rate.period())));
        limits.breaker().ifPresent(breaker -> bounds.add("stops when over " + breaker.share() + " fail"));
        backfill.probe().ifPresent(probe -> bounds.add("waits while " + probe.name() + " objects"));
        backfill.compute().ifPresent(compute -> bounds.add("each merge with " + compute));
        return bounds.isEmpty()
                ? open(
                        Ask.RESOURCES,
                        "bounded by its concurrency alone: no window, pool, rate, breaker, probe or compute")
                : met(Ask.RESOURCES, String.join("; ", bounds));
    }

    private SafetyItem isolation() {
        String held = backfill.holds()
                .map(holds -> holds.all().stream().map(Hold::name).collect(Collectors.joining("; ")))
                .map(names -> "held from the first task to the end: " + names)
                .orElse("");
        String pinned = planned.pinned().orElse(List.of()).stream()
                .map(view -> view + " shows the former version until it is unpinned")
                .collect(Collectors.joining("; "));
        String kept = Stream.of(held, pinned).filter(words -> !words.isEmpty()).collect(Collectors.joining("; "));
        return kept.isEmpty()
                ? open(
                        Ask.ISOLATION,
                        "readers see all of it in one moment, and what runs downstream is not held meanwhile")
                : met(Ask.ISOLATION, kept);
    }

    private SafetyItem rollback() {
        Publish<?> publish = backfill.publish();
        String kept = "what is overwritten is kept for " + Durations.words(publish.retention());
        return publish.retention().compareTo(USUAL_RETENTION) >= 0
                ? met(Ask.ROLLBACK, kept)
                : open(Ask.ROLLBACK, kept + "; 14 to 30 days are usual");
    }
}
