package dev.backstitch.cli;

import dev.backstitch.error.ErrorCode;
import java.util.Arrays;

/** How a command ended, for whoever scheduled it. A number is never given to another meaning. */
public enum ExitCode {
    /** It did what it was asked for, or that had been done before. */
    DONE(0),
    /** A run failed before its publish; the target is untouched. Its last lines say what to do and by which command. */
    FAILED(1),
    /** The arguments were not understood; nothing was opened. */
    USAGE(2),
    /** Refused with a reason before anything was written. The same command will be refused again. */
    REFUSED(3),
    /** Somebody else holds the run, the file or the lock. The same command works later. */
    BUSY(4),
    /** Audited, and waits for a person: {@code approve} it, then give the same command again. */
    WAITING(5),
    /** Published, but what the run had made for itself is still there. The same command removes it later. */
    NOT_CLEARED(6),
    /** Paused by a person. {@code resume} goes on with it; the same command doesn't. */
    PAUSED(7),
    /** What is watched after its publish is not as it should be now; {@code watch} says what. */
    BREACHED(8),
    /** A defect, of Backstitch or of what the command was set up with; {@code --stacktrace} shows where. */
    DEFECT(70);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** The process's exit status. */
    public int number() {
        return number;
    }

    static ExitCode numbered(int number) {
        return Arrays.stream(values())
                .filter(code -> code.number == number)
                .findFirst()
                .orElse(DEFECT);
    }

    /** The exit code for a command that failed with this cause. */
    static ExitCode of(ErrorCode code) {
        return switch (code) {
            case NOT_APPROVED -> WAITING;
            case NOT_CLEARED -> NOT_CLEARED;
            case STATE_IN_USE, WAREHOUSE_IN_USE, LOCK_NOT_GRANTED, CONFLICT, FENCED -> BUSY;
            default -> {
                boolean inRun = code.code().startsWith("BF-3") || code == ErrorCode.STATE_LOST;
                yield inRun ? FAILED : REFUSED;
            }
        };
    }
}
