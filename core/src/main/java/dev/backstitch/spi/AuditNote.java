package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * What the ledger keeps of an audit of one run: how it was judged last, and who accepted that.
 *
 * @param name the audit's name, or the invariant's in words
 * @param kind {@code INVARIANT}, {@code BLOCKING} or {@code WARNING}; {@code APPROVAL} of one by a person, {@code LATE_WRITES}
 *     of what the shadow has caught up with
 * @param outcome {@code PASSED}, {@code FAILED} or {@code ACCEPTED}
 * @param expected the condition
 * @param observed the measured value
 * @param evidence what shows it, as JSON: partitions, offending rows, and the SQL that finds them; empty where there is none
 * @param acceptance who accepted what was observed, if anybody did
 */
public record AuditNote(
        String name,
        String kind,
        String outcome,
        String expected,
        String observed,
        String evidence,
        Optional<Acceptance> acceptance) {
    public AuditNote {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(outcome, "outcome");
        requireNonNull(expected, "expected");
        requireNonNull(observed, "observed");
        requireNonNull(evidence, "evidence");
        requireNonNull(acceptance, "acceptance");
    }

    /**
     * A failed audit that a person lets pass. It holds for what was observed then, and for nothing else.
     *
     * @param who the person
     * @param why the reason
     * @param observed what was accepted
     * @param since when, by the database's clock
     */
    public record Acceptance(String who, String why, String observed, Instant since) {
        public Acceptance {
            requireNonNull(who, "who");
            requireNonNull(why, "why");
            requireNonNull(observed, "observed");
            requireNonNull(since, "since");
        }
    }
}
