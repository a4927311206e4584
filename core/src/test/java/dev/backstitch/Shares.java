package dev.backstitch;

import dev.backstitch.state.StateStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Hears how engines that share a run divide its places, so that a test need not guess how long they take. */
final class Shares {
    private static final int ENGINE = 3;

    private final Map<Object, Integer> places = new ConcurrentHashMap<>();
    private final AtomicInteger looks = new AtomicInteger();

    /** The same store, which is listened to. */
    StateStore of(StateStore store) {
        return (StateStore) Proxy.newProxyInstance(
                StateStore.class.getClassLoader(), new Class<?>[] {StateStore.class}, (self, method, arguments) -> {
                    try {
                        Object answer = method.invoke(store, arguments);
                        if (method.getName().equals("hold")) {
                            places.put(arguments[ENGINE], (Integer) answer);
                        } else if (method.getName().equals("helpers")) {
                            looks.incrementAndGet();
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Whether just so many engines have places, and so many in all. */
    boolean areDivided(int engines, int total) {
        return places.values().stream().filter(held -> held > 0).count() == engines
                && places.values().stream().mapToInt(Integer::intValue).sum() == total;
    }

    /** How often somebody has looked who helps with a run. */
    int looks() {
        return looks.get();
    }
}
