package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

/**
 * What a publish behind a view needs to know beside its target.
 *
 * @param view the view that shows the target, as it was planned
 * @param version the name that the shadow takes when it is published, derived from the run so that nothing else has it
 */
public record Repoint(ViewInfo view, ResolvedTable version) {
    public Repoint {
        requireNonNull(view, "view");
        requireNonNull(version, "version");
    }
}
