package dev.backstitch.cli;

import dev.backstitch.spec.Dag;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Which of the dags an argument means. */
final class DagChoice {
    private DagChoice() {}

    /** The named one, or the only one. */
    static Dag of(List<Dag> dags, Optional<String> name, CommandLine command) {
        if (name.isEmpty() && dags.size() == 1) {
            return dags.get(0);
        }
        String asked = name.orElseThrow(() -> new ParameterException(
                command, "which dag? There are " + CliSetup.names(dags) + ". Nothing was opened."));
        return dags.stream()
                .filter(dag -> dag.name().equals(asked))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        command, "no dag " + asked + ". There is " + CliSetup.names(dags) + ". Nothing was opened."));
    }
}
