package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Watermark;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says what of a table is published. */
@Command(
        name = "watermark",
        description = {
            "Show what runs have published of a table: how far it goes without a gap, and what is missing before its end.",
            "It is read off the ledger beside the table, also for runs that this state store does not know. A rollback"
                    + " withdraws what it takes back."
        })
final class WatermarkCommand implements Callable<Integer> {
    private static final int NAMED = 5;

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(
            paramLabel = "TABLE",
            description = "the table, or the view that is repointed, such as analytics.flights")
    private String table = "";

    @Mixin
    private JsonOption json = new JsonOption();

    WatermarkCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Watermark watermark = engine.backstitch()
                    .watermark(TableName.parse(table))
                    .orElseThrow(() -> new BackstitchException(
                            ErrorCode.TARGET_MISSING,
                            "watermark of " + table + " not found: expected a table of that name, found none, as the"
                                    + " database resolves names. Nothing was changed. Correct the name."));
            if (json.isAsked()) {
                terminal.out().println(Json.watermark(watermark));
            } else {
                text(watermark).forEach(terminal.out()::println);
            }
        }
        return ExitCode.DONE.number();
    }

    private static List<String> text(Watermark watermark) {
        String name = Shown.safe(watermark.table().toString());
        if (watermark.published().isEmpty()) {
            return List.of("no run has published anything of " + name);
        }
        List<String> lines = new ArrayList<>();
        lines.add(name + ": " + Shown.count(watermark.published().size(), "partition") + " published");
        for (Watermark.Along along : watermark.ranges()) {
            lines.add("  without a gap  " + range(along.prefix()));
            if (!along.holes().isEmpty()) {
                lines.add("  missing        "
                        + along.holes().stream().map(WatermarkCommand::range).collect(Collectors.joining("; ")));
                lines.add("  and again up to before " + along.span().to());
            }
        }
        if (watermark.ranges().isEmpty()) {
            lines.add("  its partitions have no order as far as the ledger knows: "
                    + watermark.published().stream()
                            .limit(NAMED)
                            .map(published -> Shown.safe(published.partition()))
                            .collect(Collectors.joining(", "))
                    + (watermark.published().size() > NAMED ? ", .." : ""));
        }
        Map<String, Long> byRun = watermark.published().stream()
                .collect(Collectors.groupingBy(Watermark.Published::run, TreeMap::new, Collectors.counting()));
        byRun.forEach((run, count) -> lines.add("  by run " + run + "  " + Shown.count(count, "partition") + ", "
                + watermark.published().stream()
                        .filter(published -> published.run().equals(run))
                        .map(Watermark.Published::since)
                        .max(Instant::compareTo)
                        .map(Shown::time)
                        .orElse("")));
        return lines;
    }

    private static String range(Slice.Range range) {
        return Shown.safe(range.toString());
    }
}
