package dev.backstitch.cli;

import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sql;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code graph}, over a setup of which nothing can be opened. */
class GraphCommandTest {
    private static final Dag SUMS = dag("sums").run(backfill("sums", "day"));
    private static final Dag MARGIN = dag("margin")
            .run(backfill("costs", "day"))
            .then(backfill("orders", "day"))
            .then(sql("refresh", "call refresh()"));
    private static final Dag UNSOUND = dag("unsound").run(backfill("unsound", "dya"));

    private static final CliSetup SETUP = CliSetup.called("dags")
            .dags(SUMS, MARGIN, UNSOUND)
            .state(() -> {
                throw new AssertionError("opened");
            })
            .engine(state -> {
                throw new AssertionError("opened");
            });

    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static Backfill backfill(String name, String bind) {
        return dev.backstitch.dsl.Dsl.backfill(name)
                .owner("me")
                .because("test")
                .target(table("app." + name))
                .scope(days("day").from("2001-01-01").to("2001-01-04"))
                .shadow(scopeOfTarget())
                .merge("select * from staging." + name + " where day = :" + bind)
                .keyedBy("id")
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    private ExitCode call(String... arguments) {
        out.reset();
        err.reset();
        return BackstitchCommand.run(
                SETUP,
                Terminal.plain(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)),
                arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void graph_isMermaid_andNothingElse_unlessToldOtherwise() {
        assertThat(call("graph", "margin")).as(err()).isEqualTo(ExitCode.DONE);
        assertThat(out())
                .startsWith("flowchart LR\n")
                .contains("[\"orders.merge<br/>merge, 3 partitions\"]")
                .endsWith("    t9 --> t10\n");

        assertThat(call("graph", "margin", "--format", "svg")).isEqualTo(ExitCode.DONE);
        assertThat(out())
                .startsWith("<svg ")
                .contains("refresh waits for all of orders.publish")
                .endsWith("</svg>\n");
    }

    @Test
    void graph_isAFile_whoseNameSaysWhatItHolds() throws IOException {
        Path svg = directory.resolve("sums.SVG");
        assertThat(call("graph", "sums", "--out", svg.toString())).as(err()).isEqualTo(ExitCode.DONE);
        assertThat(out()).isEqualTo("picture of dag sums: " + svg + System.lineSeparator());
        assertThat(svg).content().startsWith("<svg ");

        Files.writeString(svg, "old and longer than what is new, which replaces all of it".repeat(99));
        assertThat(call("graph", "sums", "--format", "mermaid", "--out", svg.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(svg).content().startsWith("flowchart LR").doesNotContain("old");
        assertThat(directory).isDirectoryContaining(svg::equals).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aLink_staysOne_andLeadsToWhatIsNew() throws IOException {
        Path file = Files.writeString(directory.resolve("file.mmd"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link.mmd"), file);

        assertThat(call("graph", "sums", "--out", link.toString())).as(err()).isEqualTo(ExitCode.DONE);

        assertThat(link).isSymbolicLink();
        assertThat(file).content().startsWith("flowchart LR");
    }

    @Test
    void whereNoFileCanBeMade_isRefused_andNothingIsLeft() {
        Path nowhere = directory.resolve("no/such/directory/sums.svg");
        assertThat(call("graph", "sums", "--out", nowhere.toString())).isEqualTo(ExitCode.REFUSED);
        assertThat(err()).startsWith("BF-512 the picture can't be written").contains(nowhere.toString());

        assertThat(call("graph", "sums", "--out", directory.toString())).isEqualTo(ExitCode.REFUSED);
        assertThat(err()).startsWith("BF-512").contains(directory.toString());
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void anUnsoundDag_isRefused_withItsProblems() {
        assertThat(call("graph", "unsound")).isEqualTo(ExitCode.REFUSED);
        assertThat(err())
                .startsWith("BF-")
                .contains("dag unsound is refused", ":dya")
                .doesNotContain("\tat ");
        assertThat(out()).isEmpty();
    }

    @Test
    void wrongUsage_isTold() {
        assertThat(call("graph")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("which dag? There are sums, margin, unsound");
        assertThat(call("graph", "nosuch")).isEqualTo(ExitCode.USAGE);
        assertThat(call("graph", "sums", "--format", "png")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--format", "mermaid", "svg", "'png'");
        assertThat(call("graph", "--help")).isEqualTo(ExitCode.DONE);
        assertThat(out()).contains("mermaid, svg", "--out=FILE");
    }
}
