package dev.backstitch.event;

/**
 * Is told what happens in runs, outside of every transaction and after what it tells is committed (an audit: after it was
 * judged, which writes nothing), on the thread that did it, so it should be quick and must be thread-safe. What it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface RunListener {
    /** Something happened. */
    void on(RunEvent event);
}
