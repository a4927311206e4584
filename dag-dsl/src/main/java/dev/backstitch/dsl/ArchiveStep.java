package dev.backstitch.dsl;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Publish;
import java.time.Duration;

/**
 * A way to publish; next: how long it can be taken back.
 *
 * @param <C> what the shadow must cover at least
 */
public sealed interface ArchiveStep<C extends Coverage>
        permits PublishStages.Replacing, PublishStages.Swapping, PinStep {
    /**
     * How long the target's former rows are kept for a rollback, by the database's clock.
     *
     * @param retention more than nothing
     * @throws IllegalArgumentException when it is not positive
     */
    Publish<C> keepingArchiveFor(Duration retention);
}
