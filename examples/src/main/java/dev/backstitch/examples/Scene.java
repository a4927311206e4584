package dev.backstitch.examples;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a case is played: its warehouse, its state store, and the terminal on which all of it can be followed. */
final class Scene {
    private final WorkedCase played;
    private final String program;
    private final Path directory;
    private final PreparedFile warehouse;
    private final Terminal terminal;

    private Scene(WorkedCase played, String program, Path directory, Terminal terminal) {
        this.played = played;
        this.program = program;
        this.directory = directory;
        this.warehouse = new PreparedFile(directory);
        this.terminal = terminal;
    }

    static Scene open(WorkedCase played, String program, Path directory, Terminal terminal) {
        Home.make(directory);
        Scene scene = new Scene(played, program, directory, terminal);
        if (scene.warehouse.prepare(() -> played.warehouse(directory))) {
            scene.say("made " + scene.warehouse.path());
        }
        return scene;
    }

    Path directory() {
        return directory;
    }

    String program() {
        return program;
    }

    /** A sentence about what comes next. */
    void say(String sentence) {
        terminal.out().println("# " + sentence);
        terminal.out().flush();
    }

    /** Gives a command. */
    ExitCode backstitch(String... command) {
        return backstitch(BackstitchConfig::of, command);
    }

    /** How an engine is to work beside what it works with. */
    interface Engine {
        BackstitchConfig config(dev.backstitch.spi.Connector connector, StateStore state);
    }

    /** Gives a command to an engine that works so. */
    ExitCode backstitch(Engine engine, String... command) {
        terminal.out()
                .println("$ " + program + " "
                        + Stream.of(command).map(Shell::quoted).collect(Collectors.joining(" ")));
        terminal.out().flush();
        CliSetup setup = CliSetup.called(program)
                .dags(played.theDag())
                .state(this::state)
                .engine(state -> engine.config(DuckDb.file(warehouse.path()).open(), state));
        return BackstitchCommand.run(setup, terminal, command);
    }

    private StateStore state() {
        return StateStores.h2(directory.resolve("state"));
    }

    /** The latest run of the case's dag. */
    Optional<RunRecord> latest() {
        try (StateStore state = state()) {
            return state.runs().stream()
                    .filter(run -> run.dag().equals(played.theDag().name()))
                    .findFirst();
        }
    }

    /** Whether the latest run is published. */
    boolean isPublished() {
        return Files.exists(directory.resolve("state.mv.db"))
                && latest().filter(run -> run.state() == RunState.PUBLISHED).isPresent();
    }

    /** What somebody does to the warehouse; it has to be harmless to do it twice. */
    void sql(String why, String... statements) {
        say(why);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                terminal.out().println(sql.strip());
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the warehouse refused what the case does to it", e);
        }
        terminal.out().flush();
    }

    /** A connection beside those of the engine, in this process. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + warehouse.path().toAbsolutePath());
    }

    /** Asks the warehouse and shows its answer as a table. */
    void show(String what, String query) {
        say(what);
        List<List<String>> lines = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            ResultSetMetaData columns = rows.getMetaData();
            List<String> heads = new ArrayList<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                heads.add(columns.getColumnLabel(i));
            }
            lines.add(heads);
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= heads.size(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                lines.add(values);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the warehouse refused a question of the case's", e);
        }
        aligned(lines).forEach(terminal.out()::println);
        terminal.out().flush();
    }

    private static List<String> aligned(List<List<String>> lines) {
        int columns = lines.get(0).size();
        int[] widths = new int[columns];
        lines.forEach(line -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        return lines.stream()
                .map(line -> {
                    StringBuilder text = new StringBuilder();
                    for (int i = 0; i < columns; i++) {
                        text.append("  ")
                                .append(line.get(i))
                                .append(" ".repeat(widths[i] - line.get(i).length()));
                    }
                    return text.toString().stripTrailing();
                })
                .toList();
    }
}
