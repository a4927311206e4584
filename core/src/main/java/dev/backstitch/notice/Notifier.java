package dev.backstitch.notice;

/**
 * A channel to people. It is called on a thread of its own, again with pauses that double until it returns, and again after
 * a crash whose outcome nobody knows; what it throws never reaches a run. Thread-safe.
 */
public interface Notifier {
    /** How it is called in log and state store; another name is another channel, to which everything is told anew. */
    String name();

    /**
     * Tells.
     *
     * @throws Exception when nobody knows whether it was told: it is told again
     */
    void tell(Notice notice) throws Exception;
}
