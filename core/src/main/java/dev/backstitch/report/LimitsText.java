package dev.backstitch.report;

import dev.backstitch.plan.Durations;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Holds;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.AfterFailure;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Limits and windows in words. */
final class LimitsText {
    private LimitsText() {}

    /** {@code 2 at a time, each within 20 minutes, 5 attempts}. */
    static String of(Limits limits) {
        Limits.Retry retry = limits.retry();
        return limits.concurrency() + " at a time, each within " + Durations.words(limits.timeout()) + ", "
                + retry.attempts() + " attempts"
                + (retry.timeouts().isPresent() ? " (" + retry.timeouts().getAsInt() + " at timeouts)" : "")
                + (retry.errors().isPresent() ? " (" + retry.errors().getAsInt() + " at the query's own errors)" : "")
                + (limits.start() == Limits.Start.FIRST_ALONE ? ", the first partition alone" : "");
    }

    /** What else holds for a backfill, a sentence each. */
    static List<String> further(Backfill backfill) {
        Limits limits = backfill.limits();
        List<String> said = new ArrayList<>();
        limits.pool()
                .ifPresent(pool -> said.add(
                        "in pool " + pool.name() + " of " + pool.size() + ", which all backfills in it share"));
        limits.rate()
                .ifPresent(rate -> said.add(
                        "at most " + rate.partitions() + " partitions begin in " + Durations.words(rate.period())));
        limits.breaker()
                .ifPresent(breaker -> said.add("nothing more begins when over " + breaker.share()
                        + " of the attempts have failed, after " + breaker.after() + " of them"));
        if (limits.afterFailure().equals(Optional.of(AfterFailure.BEGIN_NOTHING))) {
            said.add("nothing more begins when one has failed for good");
        }
        backfill.during().ifPresent(windows -> said.add("begins " + windows));
        backfill.publishDuring().ifPresent(windows -> said.add("published " + windows));
        backfill.probe().ifPresent(probe -> said.add("begins no partition while " + probe.name() + " objects"));
        backfill.compute().ifPresent(compute -> said.add("each merge with " + compute));
        backfill.holds()
                .map(Holds::all)
                .orElse(List.of())
                .forEach(hold -> said.add("holds " + hold.name() + " meanwhile, and lets it go however it ends"));
        backfill.watch()
                .ifPresent(watch ->
                        said.add("watched for " + Durations.words(watch.lasting()) + " after the publish, every "
                                + Durations.words(watch.every()) + ": "
                                + watch.checks().stream().map(Audit::name).collect(Collectors.joining("; "))
                                + (watch.breach() == Watch.Breach.ROLL_BACK ? "; a breach takes it back" : "")));
        return said;
    }

    /** The names of what is held while a backfill runs; nothing when nobody is. */
    static Optional<String> held(Backfill backfill) {
        return backfill.holds()
                .map(holds -> holds.all().stream().map(Hold::name).collect(Collectors.joining("; ")));
    }

    /** {@code 4 task instances at a time, for 6 hours at most}; nothing when a run has no limits of its own. */
    static Optional<String> of(RunLimits limits) {
        List<String> said = new ArrayList<>();
        limits.concurrency().ifPresent(most -> said.add(most + " task instances at a time"));
        limits.timeout().ifPresent(longest -> said.add("for " + Durations.words(longest) + " at most"));
        return said.isEmpty() ? Optional.empty() : Optional.of(said.stream().collect(Collectors.joining(", ")));
    }
}
