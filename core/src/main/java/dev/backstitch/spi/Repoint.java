package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a publish behind a view needs to know beside its target.
 *
 * @param view the view that shows the target, as it was planned
 * @param version the name that the shadow takes when it is published, derived from the run so that nothing else has it
 * @param pinned views of the target that stay with it through the publish, until somebody unpins them
 */
public record Repoint(ViewInfo view, ResolvedTable version, List<ResolvedTable> pinned) {
    public Repoint {
        requireNonNull(view, "view");
        requireNonNull(version, "version");
        pinned = List.copyOf(pinned);
    }

    /** Of no pinned view. */
    public Repoint(ViewInfo view, ResolvedTable version) {
        this(view, version, List.of());
    }
}
