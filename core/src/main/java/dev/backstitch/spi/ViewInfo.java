package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * A view as the catalogue shows it at one moment.
 *
 * @param name its exact name
 * @param identity what stays the same while it is the same view, such as an oid
 * @param definition its query, in the database's own words
 * @param shows the one table whose rows and columns it shows as they are; nothing when it shows anything else
 * @param obstacles what else it has that would be lost or mean something else if it showed another table, one line each
 */
public record ViewInfo(
        ResolvedTable name, String identity, String definition, Optional<ResolvedTable> shows, List<String> obstacles) {
    public ViewInfo {
        requireNonNull(name, "name");
        requireNonNull(identity, "identity");
        requireNonNull(definition, "definition");
        requireNonNull(shows, "shows");
        obstacles = List.copyOf(obstacles);
    }
}
