package dev.backstitch.run;

import java.time.Clock;

/** Where an engine's lanes come from: a scheduler or an executor, ours or the host's. */
public interface LaneSource {
    /** How many lanes run at the same time when nobody says. */
    int defaultThreads();

    /**
     * Opens lanes for one engine.
     *
     * @param work what they do when they are woken
     * @param threads how many may run at the same time, of all runs together
     * @param clock the engine's, by which they are woken later
     */
    Lanes open(Lanes.Work work, int threads, Clock clock);
}
