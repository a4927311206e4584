package dev.backstitch.report;

import dev.backstitch.plan.Estimate;
import dev.backstitch.plan.Sizes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a rehearsal lets expect, in words. Pure. */
public final class EstimateText {
    private EstimateText() {}

    /** How long, until when, and how much, a line each. */
    public static List<String> lines(Estimate estimate) {
        return List.of(
                Words.took(estimate.least()) + " to " + Words.took(estimate.most())
                        + " of work, by the rehearsal of " + estimate.rehearsed()
                        + (estimate.rehearsed() == 1 ? " partition at " : " partitions at ")
                        + Words.time(estimate.rehearsedAt()),
                "begun when it was planned, " + end(estimate.endsFrom(), estimate.endsBy()),
                "the shadow has about " + Words.number(estimate.rows()) + " rows"
                        + estimate.bytes()
                                .map(bytes -> ", " + Sizes.words(bytes))
                                .orElse("")
                        + "; the archive takes as much until it expires");
    }

    private static String end(Optional<Instant> from, Optional<Instant> by) {
        return from.isEmpty() || by.isEmpty()
                ? "it does not end: its windows are never open together"
                : "it ends between " + Words.time(from.get()) + " and " + Words.time(by.get()) + ", within its windows";
    }
}
