package dev.backstitch.report;

import dev.backstitch.state.WatchRecord;

/** A watch in words. */
public final class WatchText {
    private WatchText() {}

    /** {@code watched until .., next at ..; 3 looks, 1 with a breach; BREACH: ..}, or how it ended. */
    public static String of(WatchRecord watch) {
        if (watch.state() == WatchRecord.State.ENDED) {
            return "was watched, " + looks(watch) + "; it ended: " + Words.visible(watch.last());
        }
        return "is watched until " + Words.time(watch.until()) + ", next at " + Words.time(watch.nextAt()) + "; "
                + looks(watch)
                + (watch.last().isEmpty() ? "" : "; BREACH: " + Words.visible(watch.last()));
    }

    private static String looks(WatchRecord watch) {
        return switch (watch.looks()) {
            case 0 -> "not looked at yet";
            case 1 -> "1 look" + breaches(watch);
            default -> Words.number(watch.looks()) + " looks" + breaches(watch);
        };
    }

    private static String breaches(WatchRecord watch) {
        return watch.breaches() == 0
                ? ", all as it should be"
                : ", " + Words.number(watch.breaches()) + " with a breach";
    }
}
