package dev.backstitch.cli;

import static java.util.Objects.requireNonNull;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.run.RunRequests;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a command line works on. Nothing is opened before a command needs it, and {@code status} opens the state store
 * alone. Immutable.
 *
 * @param program how the program is called, for the commands that it prints, such as {@code java -jar dags.jar}
 * @param dags at least one, each with a name of its own
 * @param state opens the state store; the command closes it
 * @param engine opens the connector and says how the engine works; the command closes it
 * @param afterPublish shown after each publish
 */
public record CliSetup(
        String program,
        List<Dag> dags,
        Supplier<StateStore> state,
        Function<StateStore, BackstitchConfig> engine,
        AfterPublish afterPublish) {
    public CliSetup {
        requireNonNull(program, "program");
        dags = List.copyOf(dags);
        requireNonNull(state, "state");
        requireNonNull(engine, "engine");
        requireNonNull(afterPublish, "afterPublish");
        if (dags.isEmpty()) {
            throw new IllegalArgumentException("a command line has at least one dag");
        }
        Set<String> names = dags.stream().map(Dag::name).collect(Collectors.toSet());
        if (names.size() < dags.size()) {
            throw new IllegalArgumentException("each dag has a name of its own: " + names(dags));
        }
    }

    /**
     * Begins a setup.
     *
     * @param program how the program is called, for the commands that it prints
     */
    public static DagsStep called(String program) {
        requireNonNull(program, "program");
        return (first, rest) -> {
            List<Dag> dags = new ArrayList<>(List.of(first));
            dags.addAll(List.of(rest));
            return state -> engine -> new CliSetup(program, dags, state, engine, (run, terminal) -> {});
        };
    }

    /** Next: the dags. */
    @FunctionalInterface
    public interface DagsStep {
        /** What can be planned, run and resumed. */
        StateStep dags(Dag first, Dag... rest);
    }

    /** Next: the state store. */
    @FunctionalInterface
    public interface StateStep {
        /** How the state store is opened. */
        EngineStep state(Supplier<StateStore> state);
    }

    /** Next, and last: the engine. */
    @FunctionalInterface
    public interface EngineStep {
        /** How the connector is opened and what the engine works with; it is given the open state store. */
        CliSetup engine(Function<StateStore, BackstitchConfig> engine);
    }

    /** The same setup, which shows this after each publish. */
    public CliSetup afterPublish(AfterPublish shown) {
        return new CliSetup(program, dags, state, engine, shown);
    }

    /** What a person at this command line wants of runs. */
    static RunRequests requests(StateStore state) {
        return new RunRequests(state, Clock.systemUTC(), System.getProperty("user.name", "unknown"));
    }

    static String names(List<Dag> dags) {
        return dags.stream().map(Dag::name).collect(Collectors.joining(", "));
    }
}
