package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent is Snowflake's SQL to a parser that is not ours. */
@Tag("emulator")
class SyntaxTest {
    @TempDir
    Path directory;

    @Test
    void everyStatementOfTheTapes_parses() throws Exception {
        try (Stream<Path> tapes = Files.list(Path.of("src/test/tapes"))) {
            Linted linted = lint(tapes.map(Path::toString).sorted().toList());

            assertThat(linted.exitCode()).as(linted.output()).isZero();
            assertThat(linted.output()).contains("statements parsed");
        }
    }

    /** Else the test above could not fail. */
    @Test
    void whatSnowflakeDoesNotKnow_doesNotPass() throws Exception {
        for (String typo : List.of("alter table a swapp with b", "create table a clon b", "selec 1")) {
            Path tape = directory.resolve("typo.json");
            Files.writeString(tape, "[{\"sql\": \"" + typo + "\"}]");

            assertThat(lint(List.of(tape.toString())).exitCode()).as(typo).isEqualTo(1);
        }
    }

    private record Linted(int exitCode, String output) {}

    private static Linted lint(List<String> tapes) throws Exception {
        Optional<Path> python = Python.find();
        assumeTrue(python.isPresent(), "the parser needs Python 3.11 or newer with its packages");
        List<String> command = new ArrayList<>(List.of(python.get().toString(), "src/test/emulator/lint.py"));
        command.addAll(tapes);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Linted(process.waitFor(), output);
    }
}
