package dev.backstitch.examples;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.spec.Dag;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A backfill of the playbook with a warehouse of its own, told as the commands and statements that somebody would give. What
 * it has done it does not do again, so that it may be killed anywhere and begun anew.
 */
abstract class WorkedCase implements Example {
    private final String name;
    private final String shows;
    private final Dag dag;

    WorkedCase(String name, String shows, Dag dag) {
        this.name = name;
        this.shows = shows;
        this.dag = dag;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String shows() {
        return shows;
    }

    final Dag theDag() {
        return dag;
    }

    /**
     * The statements that make its warehouse.
     *
     * @param directory for what they read from
     */
    abstract List<String> warehouse(Path directory) throws IOException;

    /** What happens where no command is given; how the last of its commands ended. */
    abstract ExitCode story(Scene scene);

    @Override
    public final ExitCode run(String program, Path directory, Terminal terminal, List<String> command) {
        Scene scene = Scene.open(this, program, directory, terminal);
        return command.isEmpty() ? story(scene) : scene.backstitch(command.toArray(String[]::new));
    }
}
