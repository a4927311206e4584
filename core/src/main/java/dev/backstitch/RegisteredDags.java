package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanDifference;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The dags that an engine knows, by name. Thread-safe. */
final class RegisteredDags {
    private final Map<String, Dag> dags = new ConcurrentHashMap<>();

    /** @throws IllegalArgumentException when another dag has the name */
    void add(Dag dag) {
        Dag before = dags.putIfAbsent(dag.name(), dag);
        if (before != null && !before.equals(dag)) {
            throw new IllegalArgumentException("another dag is registered as " + dag.name());
        }
    }

    /** The dag of this name, if there is one. */
    Optional<Dag> find(String name) {
        return Optional.ofNullable(dags.get(name));
    }

    /**
     * The dag of a run as it is registered, with the code that a frozen plan lacks.
     *
     * @throws BackstitchException with {@code UNKNOWN_DAG} or {@code PLAN_CHANGED}
     */
    Dag of(RunRecord record, Plan plan) {
        Dag registered = dags.get(record.dag());
        if (registered == null) {
            throw new BackstitchException(
                    ErrorCode.UNKNOWN_DAG,
                    "resume of run " + record.id() + " refused: expected its dag " + record.dag()
                            + " to be registered here, found "
                            + (dags.isEmpty() ? "none" : "only " + new TreeSet<>(dags.keySet()))
                            + ". Nothing was changed. Register it, then resume.");
        }
        List<String> differences = PlanDifference.between(plan.dag(), registered);
        if (!differences.isEmpty()) {
            throw new BackstitchException(
                    ErrorCode.PLAN_CHANGED,
                    "run " + record.id() + " was planned from another version of dag " + record.dag() + ":\n  - "
                            + String.join("\n  - ", differences)
                            + "\nNothing was changed. Register the dag as it was planned and resume, or cancel("
                            + record.id() + ") and plan again.");
        }
        return registered;
    }
}
