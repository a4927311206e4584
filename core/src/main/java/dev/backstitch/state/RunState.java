package dev.backstitch.state;

/** How far a run is. */
public enum RunState {
    /** Somebody acts for it, or did until a crash. */
    RUNNING,
    /** Somebody acts for it and was asked to pause: what is running is finished, nothing more begins. */
    PAUSING,
    /** Somebody acts for it, and too much has failed: what is running is finished, nothing more begins, and it fails. */
    FAILING,
    /** Somebody acts for it and was asked to give it up. */
    CANCELLING,
    /** A person made it end with something left to do. The target is untouched. The run can be resumed. */
    PAUSED,
    /**
     * Ended with something left to do, and can be resumed. The target is untouched, unless the failure is {@code
     * NOT_CLEARED}: then it is published, and only what the run made for itself is still to be removed.
     */
    FAILED,
    /** The audits passed; the publish did not get its lock, or waits for a person. The run can be resumed. */
    AUDITED,
    PUBLISHED,
    ROLLED_BACK,
    /** Given up; its shadow is gone. */
    CANCELLED;

    /** Whether nothing more happens to it, but for a rollback. */
    public boolean isFinal() {
        return this == PUBLISHED || this == ROLLED_BACK || this == CANCELLED;
    }

    /** Whether somebody acts for it, as long as the lease holds. */
    public boolean isActedFor() {
        return this == RUNNING || this == PAUSING || this == FAILING || this == CANCELLING;
    }
}
