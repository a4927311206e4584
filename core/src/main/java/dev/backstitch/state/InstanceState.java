package dev.backstitch.state;

/** How far a task instance is. */
public enum InstanceState {
    /** A task before it has not ended. */
    WAITING,
    /** Runnable, from its time on. */
    READY,
    RUNNING,
    SUCCEEDED,
    FAILED
}
