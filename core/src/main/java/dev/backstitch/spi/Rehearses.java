package dev.backstitch.spi;

/** A connector in whose database a backfill can be rehearsed. */
public interface Rehearses {
    /** The schemas in which that is done. */
    Sandboxes sandboxes();
}
