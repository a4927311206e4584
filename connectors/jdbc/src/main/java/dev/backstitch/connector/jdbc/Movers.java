package dev.backstitch.connector.jdbc;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The rows that a merge takes out of other partitions of the shadow, in the merge's transaction. */
final class Movers {
    private final Session session;
    private final Entries entries;
    private final WorkOrder order;
    private final MergeSql sql;

    Movers(Session session, Entries entries, WorkOrder order, MergeSql sql) {
        this.session = session;
        this.entries = entries;
        this.order = order;
        this.sql = sql;
    }

    /**
     * A row may come here out of a partition of the scope that has yet to be merged: its own source decides later what
     * that partition holds. Out of a merged one it can't: that merge left it there, or brought it. And out of no
     * partition of the scope it can't either, since nothing outside the scope may change.
     */
    void admit(long movers) {
        if (!order.merge().write().updatesWholeRows()) {
            throw MergePartition.refused(
                    session,
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    "expected rows that are updated in part to stay in their partition, found " + movers
                            + " whose key lies in another one in the shadow",
                    "Leave such rows out of the query, or update whole rows: a row can't move and keep what the source"
                            + " may not write.");
        }
        Map<String, Entry.State> states =
                entries.of(session, order).stream().collect(Collectors.toMap(Entry::partition, Entry::state));
        List<Partition> unmerged = order.scope().stream()
                .filter(other -> states.get(other.id()) == Entry.State.CLAIMED)
                .toList();
        long fromMerged = moversNotFrom(unmerged);
        if (fromMerged == 0) {
            entries.touch(session, order, ByHalves.find(unmerged, some -> moversNotFrom(some) < movers));
            return;
        }
        long fromOutside = moversNotFrom(order.scope());
        String found = fromOutside > 0
                ? fromOutside + " rows that lie outside the scope in "
                        + order.target().name()
                : fromMerged + " rows that lie in another partition of this run, which is merged";
        throw MergePartition.refused(
                session,
                ErrorCode.KEY_IN_TWO_PARTITIONS,
                "expected the keys of this partition's " + movers + " moving rows to come out of partitions of this run"
                        + " that are not merged yet, found " + found,
                fromOutside > 0
                        ? "Nothing outside the scope is changed: widen the scope by the partitions where these rows are,"
                                + " or leave them out of the query."
                        : "If the source brings such a key in both partitions, make it bring it in one. If the row moved"
                                + " and the other partition's source lacks it, declare deletingMissing(atMost(..)), so"
                                + " that the merge of the partition it left removes it.");
    }

    private long moversNotFrom(List<Partition> allowed) {
        return session.number(sql.countMoversNotFrom(allowed));
    }
}
