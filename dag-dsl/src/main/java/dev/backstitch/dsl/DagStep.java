package dev.backstitch.dsl;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;

/** A dag with a name; next: what it runs. */
public sealed interface DagStep permits DagStages.Named {
    /** A dag of this one backfill. */
    Dag run(Backfill backfill);
}
