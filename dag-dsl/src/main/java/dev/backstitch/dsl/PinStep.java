package dev.backstitch.dsl;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.TableName;

/** A publish behind a view; next: how long it can be taken back, or before that, whose readers don't follow it yet. */
public sealed interface PinStep extends ArchiveStep<Coverage.WholeTable> permits PublishStages.Repointing {
    /**
     * Leaves readers of these views with the version that they see, until somebody unpins them: by the command, or {@link
     * dev.backstitch.Backstitch#unpin}. Each has to show the target as it is. The archive is not dropped while one does.
     */
    PinStep pinning(TableName first, TableName... more);
}
