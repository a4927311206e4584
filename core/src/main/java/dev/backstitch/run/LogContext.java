package dev.backstitch.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.MDC;

/**
 * What a thread works on, for whatever it logs meanwhile, the database's driver and the host's own code included: {@code run},
 * {@code task} and {@code partition} in SLF4J's diagnostic context. What was there before comes back. Not thread-safe.
 */
final class LogContext implements AutoCloseable {
    private static final List<String> KEYS = List.of("run", "task", "partition");

    private final Map<String, Optional<String>> before = new TreeMap<>();

    private LogContext(Map<String, String> now) {
        for (String key : KEYS) {
            before.put(key, Optional.ofNullable(MDC.get(key)));
            MDC.put(key, now.getOrDefault(key, ""));
        }
    }

    static LogContext of(String run, String task, String partition) {
        return new LogContext(Map.of("run", run, "task", task, "partition", partition));
    }

    @Override
    public void close() {
        before.forEach((key, value) -> value.ifPresentOrElse(was -> MDC.put(key, was), () -> MDC.remove(key)));
    }
}
