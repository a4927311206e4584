package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * How the shadow begins.
 *
 * @param <C> which rows of the target it will hold; a whole-table swap asks for {@link Coverage.WholeTable}
 * @param seed which rows it is seeded with
 * @param added columns that the target is to have, in order; one that it has by now, such as by an earlier publish, is not
 *     added again
 */
public record Shadow<C extends Coverage>(Seed seed, List<AddedColumn> added) {
    /** Which rows of the target a shadow is seeded with. */
    public enum Seed {
        /** All rows of the target. */
        WHOLE_TARGET,
        /** The target's rows of the scope. */
        SCOPE_OF_TARGET,
        /** None: the merges bring every row. */
        EMPTY
    }

    public Shadow {
        requireNonNull(seed, "seed");
        added = List.copyOf(added);
    }

    /**
     * A shadow that also has this column, nullable and without a default.
     *
     * @param column its name
     * @param type its type in the database's own words, such as {@code varchar(12)}
     */
    public Shadow<C> adding(String column, String type) {
        List<AddedColumn> more = new ArrayList<>(added);
        more.add(new AddedColumn(column, type));
        return new Shadow<>(seed, more);
    }
}
