package dev.backstitch.spi;

import dev.backstitch.spec.TableName;
import java.util.List;
import java.util.Optional;

/** A connector whose publish can point a view at another table. Nothing here writes. */
public interface RepointsViews {
    /** The view that this name means to the database; nothing when it has none, or something else of that name. */
    Optional<ViewInfo> view(TableName name);

    /**
     * What hangs on the table that a view shows, other than this view, in a stable order.
     *
     * @param view which shows a table
     * @return each with what a {@link Dependent#swap swap} behind the view does with it
     */
    List<Dependent> dependents(ViewInfo view);
}
