package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Work with its order: what is registered, planned and started under one name. Immutable: each verb gives another dag.
 *
 * @param name unique among the dags of an engine
 * @param members what it runs, in the order in which it was said
 * @param edges who waits for whom
 * @param together the names of backfills that are published in one transaction, group by group
 * @param limits of its runs as a whole; nothing when each member's are enough
 */
public record Dag(
        String name, List<Member> members, List<Edge> edges, List<List<String>> together, Optional<RunLimits> limits) {
    public Dag {
        requireNonNull(name, "name");
        members = List.copyOf(members);
        edges = List.copyOf(edges);
        together = together.stream().map(List::copyOf).toList();
        requireNonNull(limits, "limits");
    }

    /** A dag whose runs have no limits but those of its members. */
    public Dag(String name, List<Member> members, List<Edge> edges, List<List<String>> together) {
        this(name, members, edges, together, Optional.empty());
    }

    /** A dag of one backfill. */
    public Dag(String name, Backfill backfill) {
        this(name, List.of(backfill), List.of(), List.of());
    }

    /** Its backfills, in the order in which they were said. */
    public List<Backfill> backfills() {
        return members.stream()
                .filter(Backfill.class::isInstance)
                .map(Backfill.class::cast)
                .toList();
    }

    /**
     * The backfill of this name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Backfill backfill(String backfill) {
        return backfills().stream()
                .filter(member -> member.name().equals(backfill))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("dag " + name + " has no backfill " + backfill));
    }

    /** The member of this name, if there is one. */
    public Optional<Member> member(String member) {
        return members.stream().filter(each -> each.name().equals(member)).findFirst();
    }

    /** With these as well, which wait until all has ended that was said so far. They don't wait for each other. */
    public Dag then(Member first, Member... rest) {
        Set<String> waitedFor = edges.stream().map(Edge::from).collect(Collectors.toSet());
        List<String> last = members.stream()
                .map(Member::name)
                .filter(member -> !waitedFor.contains(member))
                .toList();
        return with(allOf(first, rest), last, Edge.Kind.BARRIER);
    }

    /** With this one as well; next: what it waits for. */
    public Joining task(Member member) {
        return new Joining(this, requireNonNull(member, "member"));
    }

    /**
     * The same dag, in which these backfills are published in one transaction: all of them, or none. Their targets are in
     * one database, and are taken back in one transaction as well.
     */
    public Dag publishTogether(Backfill first, Backfill second, Backfill... rest) {
        List<String> group = Stream.concat(
                        Stream.of(requireNonNull(first, "first"), requireNonNull(second, "second")), Stream.of(rest))
                .map(Backfill::name)
                .toList();
        List<List<String>> groups = new ArrayList<>(together);
        groups.add(group);
        return new Dag(name, members, edges, groups, limits);
    }

    /**
     * The same dag, of whose runs so many task instances run at the same time at most, whatever its members' limits add up
     * to.
     *
     * @param instances at least 1
     */
    public Dag concurrency(int instances) {
        RunLimits before = limits.orElse(RunLimits.NONE);
        return limits(new RunLimits(OptionalInt.of(instances), before.timeout()));
    }

    /**
     * The same dag, whose runs fail when they take longer: what runs is cancelled on the server, the target is untouched, and
     * a resume goes on with as much time again.
     *
     * @param longest positive
     */
    public Dag timeout(Duration longest) {
        RunLimits before = limits.orElse(RunLimits.NONE);
        return limits(new RunLimits(before.concurrency(), Optional.of(longest)));
    }

    /** The same dag, whose runs have these limits and no others. */
    public Dag limits(RunLimits ofRuns) {
        return new Dag(name, members, edges, together, Optional.of(ofRuns));
    }

    private Dag with(List<Member> added, List<String> from, Edge.Kind kind) {
        Set<Member> all = new LinkedHashSet<>(members);
        List<Member> more = new ArrayList<>(members);
        // The same member may wait for several in several sentences; another one of its name is told by the build gate.
        added.stream().filter(all::add).forEach(more::add);
        List<Edge> order = new ArrayList<>(edges);
        for (Member to : added) {
            from.stream()
                    .map(before -> new Edge(before, to.name(), kind))
                    .filter(edge -> !order.contains(edge))
                    .forEach(order::add);
        }
        return new Dag(name, more, order, together, limits);
    }

    private static List<Member> allOf(Member first, Member[] rest) {
        return Stream.concat(Stream.of(requireNonNull(first, "first")), Stream.of(rest))
                .map(member -> requireNonNull(member, "rest"))
                .toList();
    }

    /**
     * A member on its way into a dag; next: what it waits for.
     *
     * @param dag the dag
     * @param member what is added
     */
    public record Joining(Dag dag, Member member) {
        /** It waits until these have ended. */
        public Dag after(Member first, Member... rest) {
            return dag.with(List.of(member), names(first, rest), Edge.Kind.BARRIER);
        }

        /**
         * Both are backfills, and each merge of this one waits for the other's merge of the same partition; the publish waits
         * for the other's publish.
         */
        public Dag afterSamePartitionOf(Backfill first, Backfill... rest) {
            return dag.with(List.of(member), names(first, rest), Edge.Kind.SAME_PARTITION);
        }

        private static List<String> names(Member first, Member[] rest) {
            return allOf(first, rest).stream().map(Member::name).toList();
        }
    }
}
