package dev.backstitch.spi;

import dev.backstitch.spec.Partition;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The small tables in the target's own database that say what is true of its data: one head row per target, one row per
 * run and partition, one row per archive. Written in the same transactions as the data.
 */
public interface Ledger {
    /** Makes the ledger's tables where they are missing. Any number of times, by any number of callers. */
    void prepare();

    /** Who acts for this target, or acted last. */
    Optional<Head> head(ResolvedTable target);

    /**
     * Begins a run in one transaction: takes the target's head and claims every partition of the scope. Doing it again
     * for the same run and epoch changes nothing.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code ACTIVE_BACKFILL} when another run holds the head
     */
    void open(WorkOrder order);

    /**
     * Raises the epoch of the head and of every entry of this run to the order's, in one transaction, and
     * ends the sessions in the server that still act under an older one. What they had not committed is lost to them.
     * A head that already has this epoch, or a run that never opened, is left as it is.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED} when the head has a higher epoch
     */
    void takeOver(WorkOrder order);

    /**
     * Keeps the frozen plan of a run, from which it can be recovered when the state store is lost. Again for the same run it
     * changes nothing. The ledger has to be {@linkplain #prepare prepared}.
     */
    void keep(KeptRun run);

    /** Every run whose plan is kept, oldest first, whatever has become of it. */
    List<KeptRun> kept();

    /** What this run has done to this target, one entry a partition, in the order of their ids. */
    List<Entry> entries(WorkOrder order);

    /** How many of {@link #entries(WorkOrder) the entries} are in each state; a state in which there is none is left out. */
    default Map<Entry.State, Long> states(WorkOrder order) {
        return entries(order).stream()
                .collect(Collectors.groupingBy(
                        Entry::state, () -> new EnumMap<>(Entry.State.class), Collectors.counting()));
    }

    /** The ids of the partitions whose entries are in this state. */
    default Set<String> partitions(WorkOrder order, Entry.State state) {
        return entries(order).stream()
                .filter(entry -> entry.state() == state)
                .map(Entry::partition)
                .collect(Collectors.toSet());
    }

    /** What this run has done to one partition of this target. */
    Optional<Entry> entry(WorkOrder order, Partition partition);

    /**
     * Notes in one transaction that the audits passed what {@link Measures#measure} sealed: head and entries become
     * {@code AUDITED}.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED}
     */
    void audited(WorkOrder order);

    /**
     * Notes how audits of this run were judged, in place of what was noted of them before; what was accepted of them stays
     * noted.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED}
     */
    void note(WorkOrder order, List<AuditNote> notes);

    /**
     * Notes in one transaction how one audit is judged now, given what is noted of it. Callers that do so at the same time
     * do it one after the other, or one of them is refused with {@code CONFLICT}.
     *
     * @param revision makes the new note; called again when the transaction is tried again
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED}
     */
    void note(WorkOrder order, String audit, Function<Optional<AuditNote>, AuditNote> revision);

    /** What is noted of the audits of this run, in the order in which they were noted. */
    List<AuditNote> notes(WorkOrder order);

    /**
     * Notes that a person accepts what a failed audit observed, or gives the approval that waits for one.
     *
     * @return false when nothing of this name has failed or waits
     */
    boolean accept(WorkOrder order, String audit, String who, String why);

    /**
     * Gives the target up: the head becomes {@code ABANDONED}, so that another run may begin. A head that is published,
     * or another run's, is left as it is.
     */
    void abandon(WorkOrder order);

    /** The archives of a target, newest first. */
    List<Archive> archives(ResolvedTable target);

    /**
     * What this run's publish of this target kept; empty as long as it has not published. It says whether the run is
     * published, whoever has taken the head since.
     */
    default Optional<Archive> archive(WorkOrder order) {
        return archives(order.live()).stream()
                .filter(archive -> archive.run().equals(order.run()))
                .findFirst();
    }

    /** The archive that this table is, if a publish made it one and it is kept: readers don't see what is written to it. */
    Optional<Archive> archiveThatIs(TableInfo table);

    /** The latest entry of each partition of a target, by whatever run and however far, in the order of their ids. */
    List<Entry> latest(ResolvedTable target);

    /** The published partitions of a target, by whatever run, in the order of their ids. */
    List<Entry> watermarks(ResolvedTable target);
}
