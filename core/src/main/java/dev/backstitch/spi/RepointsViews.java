package dev.backstitch.spi;

import dev.backstitch.spec.TableName;
import java.util.List;
import java.util.Optional;

/** A connector whose publish can point a view at another table. */
public interface RepointsViews {
    /** The view that this name means to the database; nothing when it has none, or something else of that name. */
    Optional<ViewInfo> view(TableName name);

    /**
     * What hangs on the table that a view shows, other than this view and those that are to be pinned, in a stable order.
     *
     * @param view which shows a table
     * @param pinned views that stay with the table
     * @return each with what a {@link Dependent#swap swap} behind the view does with it
     */
    List<Dependent> dependents(ViewInfo view, List<ResolvedTable> pinned);

    /** Where the pinned views of an order are now, in their order. Reads only. */
    List<Pin> pins(WorkOrder order);

    /**
     * Points a pinned view at what the order has published, in one transaction, which a rollback of it does not overlap.
     *
     * @param view one of the order's pinned views
     * @return false when it shows that already
     * @throws dev.backstitch.error.BackstitchException with {@code NOT_PUBLISHED} when the repointed view does not show what the
     *     order has published, {@code TARGET_CHANGED} when the pinned one shows neither that nor the archive; nothing is changed
     *     then
     */
    boolean unpin(WorkOrder order, ResolvedTable view, Interrupt interrupt);
}
