package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A view that was to stay with what a publish leaves behind.
 *
 * @param view its name
 * @param shows the table that it shows as it is; nothing when it is gone or shows anything else
 * @param isPinned whether that is still the order's archive
 */
public record Pin(ResolvedTable view, Optional<ResolvedTable> shows, boolean isPinned) {
    public Pin {
        requireNonNull(view, "view");
        requireNonNull(shows, "shows");
    }
}
