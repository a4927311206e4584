package dev.backstitch.cli;

import dev.backstitch.plan.Waiver;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Items of a plan's checklist that a person accepts unmet. */
final class WaiveOptions {
    @Option(
            names = "--waive",
            paramLabel = "ITEM",
            description = "Accept an item of the checklist unmet, such as space or orders.space; with --who and --why.")
    private List<String> items = new ArrayList<>();

    @Option(names = "--who", paramLabel = "PERSON", description = "Who accepts it.")
    private String who = "";

    @Option(names = "--why", paramLabel = "REASON", description = "Why it is acceptable.")
    private String why = "";

    Waiver[] waivers(CommandLine command) {
        boolean named = !who.isBlank() && !why.isBlank();
        if (items.isEmpty() ? !(who.isBlank() && why.isBlank()) : !named) {
            throw new CommandLine.ParameterException(
                    command, "--waive goes with --who and --why: a waiver names a person and a reason");
        }
        return items.stream().map(item -> new Waiver(item, who, why)).toArray(Waiver[]::new);
    }
}
