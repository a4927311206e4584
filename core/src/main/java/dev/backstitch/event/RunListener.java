package dev.backstitch.event;

/**
 * Is told what happens in runs, after it was committed and outside of every transaction, on the thread that did it, so it
 * should be quick and must be thread-safe. What it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface RunListener {
    /** Something happened. */
    void on(RunEvent event);
}
