package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that go on after a publish, on what is live then. A run ends when it has published; its watch goes on by itself,
 * holds nothing, and ends when its time is over, when a newer run publishes the target, or when the publish is taken back.
 *
 * @param lasting how long after the publish, positive
 * @param every how often; positive, at most {@code lasting}
 * @param checks what must hold, at least one; none that compares with what was live before
 * @param breach what happens when one does not
 */
public record Watch(Duration lasting, Duration every, List<Audit> checks, Breach breach) {
    public Watch {
        requireNonNull(lasting, "lasting");
        requireNonNull(every, "every");
        checks = List.copyOf(checks);
        requireNonNull(breach, "breach");
    }

    /** What happens when a check does not hold. */
    public enum Breach {
        /** The owner is told, with the command that takes the publish back. The watch goes on. */
        TELL,
        /** The owner is told, and the publish is taken back, unless somebody has written to the target since. */
        ROLL_BACK
    }

    /**
     * A watch on its way to a backfill; next: how often, and what is checked.
     *
     * @param of the backfill
     */
    public record Begun(Backfill of, Duration lasting) {
        public Begun {
            requireNonNull(of, "of");
            requireNonNull(lasting, "lasting");
        }

        /** How often it is looked at. */
        public Timed every(Duration period) {
            return new Timed(of, lasting, period, Breach.TELL);
        }
    }

    /**
     * A watch that knows when; next: what is checked.
     *
     * @param of the backfill
     */
    public record Timed(Backfill of, Duration lasting, Duration every, Breach breach) {
        public Timed {
            requireNonNull(of, "of");
            requireNonNull(lasting, "lasting");
            requireNonNull(every, "every");
            requireNonNull(breach, "breach");
        }

        /** A breach takes the publish back, under the same protocol as a person's rollback. */
        public Timed rollingBackOnBreach() {
            return new Timed(of, lasting, every, Breach.ROLL_BACK);
        }

        /**
         * What must hold of the target, each time.
         *
         * @param first an audit, such as {@code unique("id")}
         * @param rest further audits
         * @return the backfill with this watch
         */
        public Backfill check(Audit first, Audit... rest) {
            List<Audit> checks = new ArrayList<>(List.of(first));
            checks.addAll(List.of(rest));
            return of.watched(new Watch(lasting, every, checks, breach));
        }
    }
}
