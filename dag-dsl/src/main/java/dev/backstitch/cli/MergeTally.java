package dev.backstitch.cli;

import dev.backstitch.spi.MergeCounts;
import java.time.Duration;
import java.util.Locale;

/** Partitions and rows merged so far, and how fast. Not thread-safe. */
final class MergeTally {
    private static final double NANOS = 1e9;

    private final int partitions;
    private final int before;
    private long begun = System.nanoTime();
    private int done;
    private long staged;
    private long changed;

    MergeTally(int partitions, int merged) {
        this.partitions = partitions;
        this.before = merged;
        this.done = merged;
    }

    /** What came before the merges doesn't slow them down. */
    void begin() {
        begun = System.nanoTime();
    }

    /** A partition that the ledger showed as merged may be told again when its state wasn't written: it counts once. */
    void add(MergeCounts rows) {
        done = Math.min(partitions, done + 1);
        staged += rows.staged();
        changed += rows.inserted() + rows.updated() + rows.deleted();
    }

    int partitions() {
        return partitions;
    }

    int done() {
        return done;
    }

    /** {@code 513,321 rows, 5,082 changed, 412,003 rows/s} */
    String rows() {
        return Shown.number(staged) + " rows, " + Shown.number(changed) + " changed, " + Shown.number(rate())
                + " rows/s";
    }

    /** {@code 513,321 rows, 412,003/s, 0:00:12 left} */
    String brief() {
        return Shown.number(staged) + " rows, " + Shown.number(rate()) + "/s" + left();
    }

    /** At the pace of what was merged since it began here. */
    private String left() {
        int here = done - before;
        if (here <= 0 || done >= partitions) {
            return "";
        }
        double seconds = (System.nanoTime() - begun) / NANOS / here * (partitions - done);
        Duration left = Duration.ofSeconds(Math.max(1, Math.round(seconds)));
        return String.format(
                Locale.ROOT, ", %d:%02d:%02d left", left.toHours(), left.toMinutesPart(), left.toSecondsPart());
    }

    private long rate() {
        return Math.round(staged * NANOS / Math.max(1, System.nanoTime() - begun));
    }
}
