package dev.backstitch.faults;

import dev.backstitch.faults.Call.Store;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * Numbers the calls that speak of holds or watches and, on the same thread, the one after each, which may be the first with
 * something held; from 1. Whatever other threads send meanwhile, such as looks at who wants a cancel, moves no number.
 */
final class PlaceAroundHolds implements ToIntFunction<Call> {
    private final AtomicInteger last = new AtomicInteger();
    private final ThreadLocal<Boolean> follows = ThreadLocal.withInitial(() -> false);

    @Override
    public int applyAsInt(Call call) {
        boolean speaksOfIt = call.store() == Store.STATE && (call.says("bf_hold") || call.says("bf_watch"));
        boolean around = speaksOfIt || follows.get();
        follows.set(speaksOfIt);
        return around ? last.incrementAndGet() : 0;
    }
}
