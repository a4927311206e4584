package dev.backstitch.cli;

import dev.backstitch.spi.MergeCounts;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress for a terminal: a bar that is written again in its place, and lines above it. */
final class ProgressInPlace implements MergeProgress {
    private static final int REDRAW_MILLIS = 100;

    private final LastLine line;
    private MergeTally tally = new MergeTally(0, 0);
    private Optional<ProgressBar> bar = Optional.empty();

    ProgressInPlace(PrintStream out) {
        this.line = new LastLine(out);
    }

    @Override
    public void expect(int partitions, int merged) {
        tally = new MergeTally(partitions, merged);
    }

    @Override
    public void begin() {
        tally.begin();
        drawn();
    }

    @Override
    public void merged(String partition, MergeCounts rows) {
        tally.add(rows);
        ProgressBar drawn = drawn();
        drawn.setExtraMessage(" " + tally.brief());
        drawn.stepTo(tally.done());
        if (tally.done() == tally.partitions()) {
            end();
        }
    }

    private ProgressBar drawn() {
        ProgressBar drawn = bar.orElseGet(this::draw);
        bar = Optional.of(drawn);
        return drawn;
    }

    private ProgressBar draw() {
        return new ProgressBarBuilder()
                .setTaskName("  merge")
                .setInitialMax(tally.partitions())
                .startsFrom(tally.done(), Duration.ZERO)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setStyle(ProgressBarStyle.ASCII)
                .hideEta()
                .setConsumer(line)
                .build();
    }

    @Override
    public void say(String text) {
        line.above(text);
    }

    @Override
    public void end() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
