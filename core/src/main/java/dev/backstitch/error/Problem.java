package dev.backstitch.error;

import static java.util.Objects.requireNonNull;

/**
 * One thing that is wrong with a description or with how it meets the database. Gates collect all of them before they
 * refuse.
 *
 * @param code the cause
 * @param where the backfill and the setting, or the database object
 * @param expected what would have been right
 * @param found what is there instead
 * @param fix what to do, as an instruction
 */
public record Problem(ErrorCode code, String where, String expected, String found, String fix) {
    public Problem {
        requireNonNull(code, "code");
        requireNonNull(where, "where");
        requireNonNull(expected, "expected");
        requireNonNull(found, "found");
        requireNonNull(fix, "fix");
    }

    /** {@code BF-203 flights.scope: expected .., found ... Fix: ..} */
    @Override
    public String toString() {
        return code.code() + " " + where + ": expected " + expected + ", found " + found
                + (found.matches("(?s).*[.!?]") ? " " : ". ") + fix;
    }
}
