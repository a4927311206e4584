package dev.backstitch.connector.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Finds the few partitions, of many, for which one query about any number of them says yes. */
final class ByHalves {
    private static final int MOST_TOLD_APART = 16;

    private ByHalves() {}

    /**
     * Those that are hit, found by halves; once there are many, what is not told apart yet is taken for hit.
     *
     * @param isHit whether any of these is
     */
    static <T> List<T> find(List<T> all, Predicate<List<T>> isHit) {
        List<T> hit = new ArrayList<>();
        Deque<List<T>> open = new ArrayDeque<>();
        if (!all.isEmpty() && isHit.test(all)) {
            open.push(all);
        }
        while (!open.isEmpty()) {
            List<T> some = open.pop();
            if (some.size() == 1 || open.size() + hit.size() > MOST_TOLD_APART) {
                hit.addAll(some);
                continue;
            }
            int half = some.size() / 2;
            for (List<T> part : List.of(some.subList(half, some.size()), some.subList(0, half))) {
                if (isHit.test(part)) {
                    open.push(part);
                }
            }
        }
        return hit;
    }
}
