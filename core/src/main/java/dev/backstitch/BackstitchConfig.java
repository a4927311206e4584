package dev.backstitch;

import static java.util.Objects.requireNonNull;

import dev.backstitch.event.RunListener;
import dev.backstitch.notice.Notifier;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.run.LaneSource;
import dev.backstitch.spi.Connector;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What an engine works with. Immutable; each setting returns another configuration.
 *
 * @param connector the database of the targets; the engine closes it
 * @param state where runs are kept; the engine closes it
 * @param threads lanes of all runs together, at least 1; by default what the lanes' source says, 8 of our own scheduler
 * @param lanes where lanes come from; default a Quartz scheduler of our own
 * @param lease how long the engine may act for a run without renewing; default 30 s
 * @param sweep how often lost wake-ups are looked for; default 5 s
 * @param clock the engine's clock and its zone, in which days end; default the system's in UTC
 * @param actor who starts runs, for the ledger; default the operating system's user
 * @param listeners told what happens
 * @param notifiers channels through which people are told, once each, what they should know
 */
public record BackstitchConfig(
        Connector connector,
        StateStore state,
        OptionalInt threads,
        LaneSource lanes,
        Duration lease,
        Duration sweep,
        Clock clock,
        String actor,
        List<RunListener> listeners,
        List<Notifier> notifiers) {
    public BackstitchConfig {
        requireNonNull(connector, "connector");
        requireNonNull(state, "state");
        if (threads.orElse(1) < 1) {
            throw new IllegalArgumentException("threads are at least 1: " + threads.getAsInt());
        }
        requireNonNull(lanes, "lanes");
        if (lease.isNegative() || lease.isZero()) {
            throw new IllegalArgumentException("a lease is positive: " + lease);
        }
        requireNonNull(sweep, "sweep");
        requireNonNull(clock, "clock");
        requireNonNull(actor, "actor");
        listeners = List.copyOf(listeners);
        notifiers = List.copyOf(notifiers);
    }

    /** Everything at its default. */
    public static BackstitchConfig of(Connector connector, StateStore state) {
        return new BackstitchConfig(
                connector,
                state,
                OptionalInt.empty(),
                QuartzLanes.own(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Clock.systemUTC(),
                System.getProperty("user.name", "unknown"),
                List.of(),
                List.of());
    }

    /** With so many lanes of all runs together. */
    public BackstitchConfig threads(int count) {
        return new BackstitchConfig(
                connector, state, OptionalInt.of(count), lanes, lease, sweep, clock, actor, listeners, notifiers);
    }

    /**
     * With lanes from here: a scheduler of the host's by {@link QuartzLanes#on}, or its executor by {@link
     * dev.backstitch.run.ExecutorLanes#on}.
     */
    public BackstitchConfig lanes(LaneSource source) {
        return new BackstitchConfig(
                connector, state, threads, source, lease, sweep, clock, actor, listeners, notifiers);
    }

    /** With this lease; a dead owner on another host is taken over after it. */
    public BackstitchConfig lease(Duration length) {
        return new BackstitchConfig(
                connector, state, threads, lanes, length, sweep, clock, actor, listeners, notifiers);
    }

    /** With a look for lost wake-ups this often. */
    public BackstitchConfig sweep(Duration interval) {
        return new BackstitchConfig(
                connector, state, threads, lanes, lease, interval, clock, actor, listeners, notifiers);
    }

    /** With this clock, whose zone says when a day ends. */
    public BackstitchConfig clock(Clock other) {
        return new BackstitchConfig(connector, state, threads, lanes, lease, sweep, other, actor, listeners, notifiers);
    }

    /** With this name for who starts runs. */
    public BackstitchConfig actor(String name) {
        return new BackstitchConfig(connector, state, threads, lanes, lease, sweep, clock, name, listeners, notifiers);
    }

    /** With one more listener. */
    public BackstitchConfig listener(RunListener listener) {
        List<RunListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new BackstitchConfig(connector, state, threads, lanes, lease, sweep, clock, actor, more, notifiers);
    }

    /**
     * With one more channel to people. It is told of every run in the state store that began, was held up, ended, is watched
     * or expires, once each, by whichever engine with a channel of its name is open.
     */
    public BackstitchConfig notifying(Notifier channel) {
        List<Notifier> more = new ArrayList<>(notifiers);
        more.add(channel);
        return new BackstitchConfig(connector, state, threads, lanes, lease, sweep, clock, actor, listeners, more);
    }
}
