package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * When something may begin: while one of these is open. What runs when the last one closes is finished, unless it is said to
 * be cancelled. Pure functions of the time that is handed in. Immutable: each verb gives other windows, so that a team keeps
 * its off-peak hours in one constant.
 *
 * @param any of which one has to be open; at least one
 * @param atClose what becomes of what runs when they close
 */
public record Windows(List<Window> any, AtClose atClose) {
    /** How far ahead an opening is looked for, which passes every run of holidays. */
    private static final int FARTHEST_DAYS = 1000;

    private static final int FIRST_LOOK_DAYS = 9;

    /** What becomes of what runs when windows close. */
    public enum AtClose {
        /** It is finished. */
        FINISH,
        /** It is cancelled on the server, and begins again when they open, as if it had not run. */
        CANCEL
    }

    public Windows {
        any = List.copyOf(any);
        requireNonNull(atClose, "atClose");
        if (any.isEmpty()) {
            throw new IllegalArgumentException("of windows there is one at least");
        }
    }

    /** One window, at whose end what runs is finished. */
    public Windows(Window only) {
        this(List.of(only), AtClose.FINISH);
    }

    /** These, where those that come again begin on these weekdays alone. */
    public Windows on(DayOfWeek first, DayOfWeek... rest) {
        List<DayOfWeek> weekdays = Stream.concat(Stream.of(requireNonNull(first, "first")), Stream.of(rest))
                .toList();
        return each(window -> window instanceof Window.Recurring recurring ? recurring.beginningOn(weekdays) : window);
    }

    /** These, where those that come again don't begin on these days, such as those before which nobody is at work. */
    public Windows except(Collection<LocalDate> days) {
        return each(window -> window instanceof Window.Recurring recurring ? recurring.exceptOn(days) : window);
    }

    /** These and those: open while any of them is. */
    public Windows or(Windows others) {
        return new Windows(Stream.concat(any.stream(), others.any.stream()).toList(), atClose);
    }

    /** These, at whose end what runs is cancelled on the server; it begins again when they open. */
    public Windows cancellingAtClose() {
        return new Windows(any, AtClose.CANCEL);
    }

    private Windows each(UnaryOperator<Window> change) {
        return new Windows(any.stream().map(change).toList(), atClose);
    }

    /** Whether one of them is open. */
    public boolean isOpen(Instant now) {
        return around(now, 0).stream().anyMatch(open -> open.contains(now));
    }

    /** When one of them is open next: now, if one is; nothing when none ever is again, or not for years. */
    public Optional<Instant> opensAt(Instant now) {
        for (int days = FIRST_LOOK_DAYS; days <= FARTHEST_DAYS; days *= 2) {
            Optional<Open> next = around(now, days).stream()
                    .filter(open -> now.isBefore(open.end()))
                    .findFirst();
            if (next.isPresent()) {
                return Optional.of(next.get().contains(now) ? now : next.get().beginning());
            }
        }
        return Optional.empty();
    }

    /** When they close, of which one is open now; nothing when none is, or they never close. */
    public Optional<Instant> closesAt(Instant now) {
        for (int days = FIRST_LOOK_DAYS; days <= FARTHEST_DAYS; days *= 2) {
            Optional<Open> present = around(now, days).stream()
                    .filter(open -> open.contains(now))
                    .findFirst();
            if (present.isEmpty()) {
                return Optional.empty();
            }
            if (present.get().end().isBefore(horizon(now, days))) {
                return Optional.of(present.get().end());
            }
        }
        return Optional.empty();
    }

    /** When all of several are open at once; nothing when they never are, or not for years. */
    public static Optional<Instant> allOpenAt(Collection<Windows> several, Instant now) {
        Instant time = now;
        while (true) {
            Instant before = time;
            for (Windows windows : several) {
                Optional<Instant> opens = windows.opensAt(time);
                if (opens.isEmpty() || opens.get().isAfter(horizon(now, FARTHEST_DAYS))) {
                    return Optional.empty();
                }
                time = opens.get();
            }
            if (time.equals(before)) {
                return Optional.of(time);
            }
        }
    }

    private static Instant horizon(Instant now, int days) {
        return now.plus(Duration.ofDays(days - 1L));
    }

    /** Those that are open now or begin within so many days, in order; those that touch are one. */
    private List<Open> around(Instant now, int days) {
        Deque<Open> merged = new ArrayDeque<>();
        any.stream()
                .flatMap(window -> around(window, now, days))
                .sorted(Comparator.comparing(Open::beginning))
                .forEach(next -> {
                    Open last = merged.peekLast();
                    if (last == null || last.end().isBefore(next.beginning())) {
                        merged.add(next);
                    } else if (last.end().isBefore(next.end())) {
                        merged.removeLast();
                        merged.add(new Open(last.beginning(), next.end()));
                    }
                });
        return List.copyOf(merged);
    }

    private static Stream<Open> around(Window window, Instant now, int days) {
        LocalDate today = LocalDate.ofInstant(now, window.zone());
        return today.minusDays(window.nights() + 1L)
                .datesUntil(today.plusDays(days + 1L))
                .filter(window::beginsOn)
                .map(day -> new Open(window.beginning(day), window.end(day)))
                .filter(open -> open.beginning().isBefore(open.end()));
    }

    /** From a moment on to before another one. */
    private record Open(Instant beginning, Instant end) {
        boolean contains(Instant time) {
            return !time.isBefore(beginning) && time.isBefore(end);
        }
    }

    /** {@code 22:00 to 06:00 Europe/Berlin, or all day 2026-12-24 Europe/Berlin}, for people. */
    @Override
    public String toString() {
        return any.stream().map(Window::toString).collect(Collectors.joining("; or "))
                + (atClose == AtClose.CANCEL ? ", cancelled when it closes" : "");
    }
}
