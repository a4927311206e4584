package dev.backstitch.faults;

import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.Shadows;
import java.lang.StackWalker.StackFrame;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the engine does while it talks to a database, found from the stack: the SPI's methods, then the engine's own. */
enum Phase {
    PREPARE,
    PLAN,
    SCOPE,
    SHADOW,
    MERGE,
    AUDIT,
    PUBLISH,
    CLEAR,
    ROLLBACK,
    TAKEOVER,
    STATE,
    OTHER;

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private static final Map<String, Phase> OF_LEDGER =
            Map.of("prepare", SCOPE, "open", SCOPE, "takeOver", TAKEOVER, "audited", AUDIT, "abandon", CLEAR);

    private static final Map<String, Phase> OF_TASK =
            Map.of("openLedger", SCOPE, "merge", MERGE, "merged", MERGE, "audit", AUDIT, "publish", PUBLISH);

    static Phase now(Call.Store store) {
        return store == Call.Store.STATE
                ? STATE
                : STACK.walk(frames -> frames.map(Phase::of)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElse(OTHER));
    }

    private static Optional<Phase> of(StackFrame frame) {
        Class<?> type = frame.getDeclaringClass();
        String method = frame.getMethodName();
        if (Shadows.class.isAssignableFrom(type)) {
            return pick(Map.of("create", SHADOW, "clear", CLEAR), method);
        }
        if (Merges.class.isAssignableFrom(type)) {
            return pick(Map.of("merge", MERGE), method);
        }
        if (Measures.class.isAssignableFrom(type)) {
            return pick(Map.of("measure", AUDIT, "measurePartition", MERGE), method);
        }
        if (Publishes.class.isAssignableFrom(type)) {
            return pick(Map.of("publish", PUBLISH, "rollback", ROLLBACK), method);
        }
        if (Ledger.class.isAssignableFrom(type)) {
            return pick(OF_LEDGER, method);
        }
        if (type.getName().equals("dev.backstitch.run.TaskRunner")) {
            return pick(OF_TASK, method);
        }
        if (type.getName().equals("dev.backstitch.examples.FlightsWarehouse")) {
            return Optional.of(PREPARE);
        }
        boolean plans = Catalog.class.isAssignableFrom(type) || type.getName().startsWith("dev.backstitch.plan.");
        return plans && !Set.of("<init>", "close").contains(method) ? Optional.of(PLAN) : Optional.empty();
    }

    private static Optional<Phase> pick(Map<String, Phase> phases, String method) {
        return Optional.ofNullable(phases.get(method));
    }
}
