package dev.backstitch.error;

/**
 * The cause of an error, with its stable number. A number is never given to another cause.
 *
 * <p>1xx: the description is wrong (build). 2xx: the description doesn't fit the database (plan). 3xx: a task instance
 * failed. 4xx: publish and rollback. 5xx: state, leases and files.
 */
public enum ErrorCode {
    INVALID_NAME(101, Remedy.REFUSE),
    UNKNOWN_BIND(102, Remedy.REFUSE),
    PARTITION_NOT_BOUND(103, Remedy.REFUSE),
    UNREADABLE_SQL(104, Remedy.REFUSE),
    INVALID_SCOPE(105, Remedy.REFUSE),
    CONFLICTING_SETTINGS(106, Remedy.REFUSE),
    INVALID_VALUE(107, Remedy.REFUSE),
    CYCLE(120, Remedy.REFUSE),
    UNKNOWN_MEMBER(121, Remedy.REFUSE),

    PLAN_REFUSED(200, Remedy.REFUSE),
    TARGET_MISSING(201, Remedy.REFUSE),
    COLUMN_MISSING(202, Remedy.REFUSE),
    PARTITION_TYPE(203, Remedy.REFUSE),
    SOURCE_COLUMNS(204, Remedy.REFUSE),
    SOURCE_INVALID(205, Remedy.REFUSE),
    DEPENDENT_AT_RISK(206, Remedy.REFUSE),
    NAME_TAKEN(207, Remedy.REFUSE),
    PRIVILEGE_MISSING(208, Remedy.REFUSE),
    ACTIVE_BACKFILL(209, Remedy.REFUSE),
    NOTHING_TO_RUN(210, Remedy.REFUSE),
    TARGET_NOT_A_TABLE(211, Remedy.REFUSE),
    TARGET_CHANGED(212, Remedy.REFUSE),
    UNSUPPORTED(213, Remedy.REFUSE),
    NO_COUNTERPART(217, Remedy.REFUSE),
    NOTHING_LEFT(218, Remedy.REFUSE),
    CHECKLIST_REFUSED(219, Remedy.REFUSE),
    VIEW_NOT_PLAIN(221, Remedy.REFUSE),
    VIEW_SHOWS_ANOTHER(222, Remedy.REFUSE),
    NO_WATERMARK(223, Remedy.REFUSE),

    NULL_KEY(301, Remedy.REFUSE),
    DUPLICATE_KEY(302, Remedy.REFUSE),
    ROW_OUTSIDE_PARTITION(303, Remedy.REFUSE),
    EMPTY_PARTITION(304, Remedy.REFUSE),
    TOO_MANY_DELETES(305, Remedy.REFUSE),
    KEY_IN_TWO_PARTITIONS(306, Remedy.REFUSE),
    AMBIGUOUS_DEDUPE(307, Remedy.REFUSE),
    FENCED(310, Remedy.STAND_DOWN),
    STATEMENT_REFUSED(311, Remedy.REFUSE),
    CONFLICT(312, Remedy.RETRY),
    CONNECTION_LOST(313, Remedy.ASK_LEDGER),
    TIMED_OUT(314, Remedy.RETRY),
    CANCELLED(315, Remedy.STAND_DOWN),
    NO_SPACE(316, Remedy.PAUSE),
    DATABASE_UNAVAILABLE(317, Remedy.RETRY),
    AUDIT_FAILED(320, Remedy.REFUSE),
    INVARIANT_BROKEN(321, Remedy.REFUSE),
    CALL_FAILED(330, Remedy.RETRY),
    NOT_HELD(331, Remedy.RETRY),
    TOO_MANY_FAILURES(340, Remedy.REFUSE),
    WINDOW_CLOSED(341, Remedy.GIVE_BACK),

    LOCK_NOT_GRANTED(401, Remedy.RETRY),
    DRIFT(402, Remedy.REFUSE),
    SHADOW_CHANGED(403, Remedy.REFUSE),
    LEDGER_INCOMPLETE(404, Remedy.REFUSE),
    NOT_CLEARED(405, Remedy.RETRY),
    WRITTEN_SINCE_PUBLISH(410, Remedy.REFUSE),
    NOT_PUBLISHED(411, Remedy.REFUSE),
    ARCHIVE_GONE(412, Remedy.REFUSE),
    NOT_APPROVED(413, Remedy.REFUSE),

    STATE_IN_USE(501, Remedy.REFUSE),
    UNKNOWN_RUN(502, Remedy.REFUSE),
    WRONG_STATE(503, Remedy.REFUSE),
    CONCURRENT_TRANSITION(504, Remedy.STAND_DOWN),
    PLAN_CHANGED(505, Remedy.REFUSE),
    WAREHOUSE_IN_USE(506, Remedy.REFUSE),
    UNKNOWN_DAG(507, Remedy.REFUSE),
    UNREADABLE_PLAN(508, Remedy.REFUSE),
    STATE_LOST(509, Remedy.STAND_DOWN),
    STATE_UNREADABLE(510, Remedy.REFUSE),
    UNKNOWN_AUDIT(511, Remedy.REFUSE),
    FILE_NOT_WRITTEN(512, Remedy.REFUSE);

    /** What the engine does with a task instance that fails so. */
    public enum Remedy {
        /** Fails at once: the same attempt would fail again. */
        REFUSE,
        /** Tries again after the declared wait, up to the declared number of attempts. */
        RETRY,
        /** The outcome is unknown: reads the ledger, then goes on as it says. */
        ASK_LEDGER,
        /** Stops without a trace: somebody else acts for the run now. */
        STAND_DOWN,
        /** Goes back as if it had not run, and begins again when it may. */
        GIVE_BACK,
        /** Pauses the run and cleans nothing up, since cleaning needs what is missing. */
        PAUSE
    }

    private final int number;
    private final Remedy remedy;

    ErrorCode(int number, Remedy remedy) {
        this.number = number;
        this.remedy = remedy;
    }

    /** What the engine does with a task instance that fails so. */
    public Remedy remedy() {
        return remedy;
    }

    /** The stable form: {@code BF-402}. */
    public String code() {
        return "BF-" + number;
    }
}
