package dev.backstitch.cli;

import dev.backstitch.spi.MergeCounts;
import java.io.PrintStream;

/** Progress for a log: a line each time another fiftieth of the partitions is merged. */
final class ProgressLines implements MergeProgress {
    private static final int LINES = 50;

    private final PrintStream out;
    private MergeTally tally = new MergeTally(0, 0);

    ProgressLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void expect(int partitions, int merged) {
        tally = new MergeTally(partitions, merged);
    }

    @Override
    public void begin() {
        tally.begin();
    }

    @Override
    public void merged(String partition, MergeCounts rows) {
        tally.add(rows);
        int step = Math.max(1, tally.partitions() / LINES);
        if (tally.done() % step == 0 || tally.done() == tally.partitions()) {
            say("  merged " + partition + ": " + tally.done() + " of " + tally.partitions() + ", " + tally.rows());
        }
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void end() {}
}
