package dev.backstitch.spec;

import java.util.List;

/**
 * What is held while a backfill runs.
 *
 * @param all at least one, each of another name
 */
public record Holds(List<Hold> all) {
    public Holds {
        all = List.copyOf(all);
    }
}
