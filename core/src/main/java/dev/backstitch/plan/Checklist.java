package dev.backstitch.plan;

import dev.backstitch.plan.CheckItem.Outcome;
import dev.backstitch.plan.CheckItem.Subject;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Holds;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Space;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a careful engineer goes through before a backfill, of a plan that no gate has refused. Pure but for the clock handed
 * in.
 */
final class Checklist {

    private final Backfill backfill;
    private final PlannedBackfill planned;
    private final Clock clock;
    private final Space space;
    private final Optional<ResolvedTable> taken;

    private Checklist(
            Backfill backfill, PlannedBackfill planned, Clock clock, Space space, Optional<ResolvedTable> taken) {
        this.backfill = backfill;
        this.planned = planned;
        this.clock = clock;
        this.space = space;
        this.taken = taken;
    }

    /**
     * All items, with the first waiver that is of it for each that is unmet.
     *
     * @param taken the name that the developer chose for what the publish adds, where there is a table of that name
     */
    static List<CheckItem> of(
            Backfill backfill,
            PlannedBackfill planned,
            Clock clock,
            Space space,
            Optional<ResolvedTable> taken,
            List<Waiver> waivers) {
        Checklist list = new Checklist(backfill, planned, clock, space, taken);
        return List.of(
                        list.scope(),
                        list.key(),
                        list.dependents(),
                        passed(Subject.PRIVILEGES, "none is missing"),
                        passed(Subject.OTHER_BACKFILLS, "none is active on the target"),
                        list.space(),
                        list.archive(),
                        list.lateWrites(),
                        list.comparison(),
                        list.downstream(),
                        new CheckItem(
                                Subject.SOURCE,
                                Outcome.UNKNOWN,
                                "unchanged? Unknown: its rows are not watched, before the run or during it"))
                .stream()
                .map(item -> waived(item, backfill.name(), waivers))
                .toList();
    }

    private static CheckItem waived(CheckItem item, String backfill, List<Waiver> waivers) {
        return item.outcome() == Outcome.PASSED
                ? item
                : waivers.stream()
                        .filter(waiver -> waiver.isOf(backfill, item.subject()))
                        .findFirst()
                        .map(item::waivedBy)
                        .orElse(item);
    }

    private static CheckItem passed(Subject subject, String found) {
        return new CheckItem(subject, Outcome.PASSED, found);
    }

    private CheckItem scope() {
        long unended = planned.scope().stream()
                .filter(partition -> !ScopeResolver.hasEnded(partition, clock))
                .count();
        return unended == 0
                ? passed(
                        Subject.SCOPE,
                        planned.scope().size() == 1
                                ? "closed: 1 partition, which has ended"
                                : "closed: " + planned.scope().size() + " partitions, none of which is yet to end")
                : new CheckItem(
                        Subject.SCOPE,
                        Outcome.OPEN,
                        unended + " of " + planned.scope().size()
                                + " partitions have not ended, and their source may grow: includingUnended()");
    }

    private CheckItem key() {
        String key = "(" + String.join(", ", backfill.merge().key()) + ")";
        boolean unique = planned.target().uniqueKeys().stream()
                .anyMatch(columns -> columns.stream().allMatch(this::isOfTheKey));
        return unique
                ? passed(Subject.KEY, key + ", which a constraint of the target keeps unique")
                : new CheckItem(
                        Subject.KEY,
                        Outcome.OPEN,
                        "no constraint of the target keeps " + key
                                + " unique; if it is not so today, the run fails at its" + " audit");
    }

    private boolean isOfTheKey(String column) {
        return backfill.merge().key().stream().anyMatch(column::equalsIgnoreCase);
    }

    private CheckItem archive() {
        if (taken.isPresent()) {
            return new CheckItem(
                    Subject.ARCHIVE,
                    Outcome.REFUSED,
                    "the name " + taken.get()
                            + " is taken, by an earlier archive or by somebody else's table: choose another,"
                            + " or wait until it is gone (archives purge)");
        }
        String kept = "kept for " + Durations.words(backfill.publish().retention())
                + " after the publish, which can be taken back until then";
        return backfill.publish().retention().compareTo(Safety.USUAL_RETENTION) >= 0
                ? passed(Subject.ARCHIVE, kept)
                : new CheckItem(Subject.ARCHIVE, Outcome.OPEN, kept + "; 14 to 30 days are usual");
    }

    private CheckItem dependents() {
        return passed(
                Subject.DEPENDENTS,
                planned.dependents().isEmpty()
                        ? "none on the target"
                        : planned.dependents().size() + " on the target, which the publish preserves");
    }

    private CheckItem lateWrites() {
        return passed(
                Subject.LATE_WRITES,
                backfill.publish().lateWrites() == Publish.LateWrites.CATCH_UP
                        ? "are brought in before the publish"
                        : "are never overwritten: they refuse the publish");
    }

    private CheckItem comparison() {
        String comparing = backfill.audits().stream()
                .filter(Checklist::compares)
                .map(Audit::name)
                .collect(Collectors.joining("; "));
        return comparing.isEmpty()
                ? new CheckItem(Subject.COMPARISON, Outcome.OPEN, "no audit compares the shadow with what is live")
                : passed(Subject.COMPARISON, "with what is live: " + comparing);
    }

    private static boolean compares(Audit audit) {
        return audit instanceof Audit.Changed
                || audit instanceof Audit.OnlyChanged
                || (audit instanceof Audit.Measured measured && measured.expected() instanceof Expectation.LikeLive);
    }

    private CheckItem downstream() {
        String held = backfill.holds().map(Holds::all).orElse(List.of()).stream()
                .map(Hold::name)
                .collect(Collectors.joining("; "));
        String pinned = planned.pinned().orElse(List.of()).stream()
                .map(ResolvedTable::toString)
                .collect(Collectors.joining(", "));
        String stays = pinned.isEmpty() ? "" : pinned + " shows the former version until it is unpinned";
        return held.isEmpty() && !pinned.isEmpty() ? passed(Subject.DOWNSTREAM, stays) : downstream(held, stays);
    }

    private CheckItem downstream(String held, String stays) {
        return held.isEmpty()
                ? new CheckItem(
                        Subject.DOWNSTREAM,
                        Outcome.UNKNOWN,
                        "held? Nobody is: whoever reads the target sees the publish at once")
                : passed(
                        Subject.DOWNSTREAM,
                        "held from the first task to the end: " + held + (stays.isEmpty() ? "" : "; " + stays));
    }

    private CheckItem space() {
        Optional<Long> needed = space.table().map(this::needed);
        if (needed.isEmpty() || space.free().isEmpty()) {
            return new CheckItem(
                    Subject.SPACE,
                    Outcome.UNKNOWN,
                    "shadow and archive need "
                            + needed.map(bytes -> "about " + Sizes.words(bytes)).orElse("an unknown amount") + ", of "
                            + space.free()
                                    .map(bytes -> Sizes.words(bytes) + " free")
                                    .orElse("nobody knows how much"));
        }
        String found = "shadow and archive need about " + Sizes.words(needed.get()) + ", of "
                + Sizes.words(space.free().get()) + " free";
        return needed.get() <= space.free().get()
                ? passed(Subject.SPACE, found)
                : new CheckItem(Subject.SPACE, Outcome.REFUSED, found);
    }

    /** A swap keeps the former table as its archive; replaced rows are there three times until the archive is dropped. */
    private long needed(long table) {
        return backfill.publish().overwritesWholeTable() ? table : Math.round(2 * table * share());
    }

    /** The scope's share of the target's rows; all of it where that isn't known. */
    private double share() {
        List<LiveRows> known = planned.partitions().stream()
                .flatMap(partition -> partition.rows().stream())
                .toList();
        long rows = planned.target().estimatedRows();
        if (known.size() < planned.scope().size() || rows == 0) {
            return 1;
        }
        return Math.min(1, (double) known.stream().mapToLong(LiveRows::count).sum() / rows);
    }
}
