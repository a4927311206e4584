package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * Work with its order: what is registered, planned and started under one name.
 *
 * @param name unique among the dags of an engine
 * @param backfill the backfill that it runs
 */
public record Dag(String name, Backfill backfill) {
    public Dag {
        requireNonNull(name, "name");
        requireNonNull(backfill, "backfill");
    }
}
