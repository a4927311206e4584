package dev.backstitch.dsl;

import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;

/** A dag with a name; next: what it runs first. The dag that follows takes more, in order: see {@link Dag#then}. */
public sealed interface DagStep permits DagStages.Named {
    /** A dag of these; they don't wait for each other. */
    Dag run(Member first, Member... rest);
}
