package dev.backstitch.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * The last line of a terminal, which is written again and again, and what is printed above it. It uses a carriage return
 * and spaces alone. Thread-safe: the bar draws itself from a thread of its own.
 */
final class LastLine implements ProgressBarConsumer {
    /** What every terminal has, less one, since some wrap at the last column. */
    private static final int WIDTH = 79;

    private final PrintStream out;
    private String drawn = "";

    LastLine(PrintStream out) {
        this.out = out;
    }

    @Override
    public int getMaxRenderedLength() {
        return WIDTH;
    }

    @Override
    public synchronized void accept(String text) {
        draw(text);
    }

    private void draw(String text) {
        out.print("\r" + text + " ".repeat(Math.max(0, drawn.length() - text.length())));
        out.flush();
        drawn = text;
    }

    /** Prints a line of its own; what is being drawn stays the last one. */
    synchronized void above(String text) {
        String last = drawn;
        if (last.isEmpty()) {
            out.println(text);
        } else {
            draw("");
            out.print("\r");
            out.println(text);
            drawn = "";
            draw(last);
        }
        out.flush();
    }

    /** What was drawn last stays. */
    @Override
    public synchronized void close() {
        if (!drawn.isEmpty()) {
            out.println();
            out.flush();
            drawn = "";
        }
    }
}
