package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * One element of a frozen scope: what one merge recomputes, and one row of the ledger.
 *
 * @param id its name in plan, ledger, log and command line, such as {@code 2001-01-05}; unique within a scope
 * @param slice the rows that belong to it
 */
public record Partition(String id, Slice slice) {
    public Partition {
        requireNonNull(id, "id");
        requireNonNull(slice, "slice");
    }

    @Override
    public String toString() {
        return id;
    }
}
