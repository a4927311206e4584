package dev.backstitch.plan;

import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What became of a target's partitions before, as its ledger has it, and what follows for a run of them. A partition is the
 * same as before if it has the same id. Pure.
 */
final class History {
    private final Optional<Head> head;
    private final Map<String, Entry> latest;
    private final Map<String, Entry> published;

    /**
     * @param head who acts for the target, or acted last
     * @param latest the latest entry of each partition
     * @param published the latest one of each partition that is published
     */
    History(Optional<Head> head, List<Entry> latest, List<Entry> published) {
        this.head = head;
        this.latest = byPartition(latest);
        this.published = byPartition(published);
    }

    private static Map<String, Entry> byPartition(List<Entry> entries) {
        return entries.stream()
                .collect(Collectors.toMap(Entry::partition, Function.identity(), (first, second) -> second));
    }

    /**
     * Whether a partition that has ended runs, and why.
     *
     * @param logic the fingerprint of what its merge would compute
     */
    PlannedPartition decide(Partition partition, Reprocess policy, String logic) {
        Optional<Entry> before = Optional.ofNullable(latest.get(partition.id()));
        Optional<Entry> live = Optional.ofNullable(published.get(partition.id()));
        if (before.filter(this::isInFlight).isPresent()) {
            return new PlannedPartition(
                    partition, Decision.SKIP, "in flight by run " + before.get().run());
        }
        boolean runs = switch (policy) {
            case ALL -> true;
            case FAILED ->
                before.filter(entry -> entry.state() != Entry.State.PUBLISHED).isPresent();
            case MISSING -> live.isEmpty();
        };
        return new PlannedPartition(partition, runs ? Decision.RUN : Decision.SKIP, told(before, live, logic));
    }

    /** Its run may still publish it. Whatever another run has left unpublished was given up: a target has one head. */
    private boolean isInFlight(Entry entry) {
        return head.filter(now -> now.state().isActive() && now.run().equals(entry.run()))
                .isPresent();
    }

    private static String told(Optional<Entry> latest, Optional<Entry> live, String logic) {
        String published = live.map(entry -> "published by run " + entry.run() + " at " + at(entry)
                        + (entry.logic().equals(logic) ? " with the same logic" : " with other logic"))
                .orElse("");
        if (latest.isEmpty() || latest.get().state() == Entry.State.PUBLISHED) {
            return published.isEmpty() ? "not published by Backstitch before" : published;
        }
        Entry last = latest.get();
        String ended = last.state() == Entry.State.ROLLED_BACK
                ? "run " + last.run() + " published it and was taken back at " + at(last)
                : "run " + last.run() + " gave it up before its publish";
        return published.isEmpty() ? ended : ended + "; before that " + published;
    }

    private static String at(Entry entry) {
        return entry.since().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
