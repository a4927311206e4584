package dev.backstitch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README says what the code says. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static String read(String path) throws IOException {
        return Files.readString(ROOT.resolve(path));
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(read("README.md"))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    @Test
    void javaBlocks_areRegionsOfACompiledTest() throws IOException {
        String source = read("examples/src/test/java/dev/backstitch/examples/ReadmeExamplesTest.java");
        List<String> regions = Pattern.compile("// region \\w+\n(.*?)\\s*// endregion", Pattern.DOTALL)
                .matcher(source)
                .results()
                .map(region -> region.group(1).stripIndent().strip())
                .toList();
        assertThat(regions).hasSize(8);
        assertThat(blocks("java").stream().map(String::strip)).containsExactlyElementsOf(regions);
    }

    @Test
    void firstTwoShellBlocks_runTheQuickstart_andAllTests() throws IOException {
        assertThat(blocks("sh").get(0).lines())
                .containsExactly(
                        "mvn -B -q -ntp -DskipTests -pl examples -am package",
                        "java -jar examples/target/backstitch-examples.jar quickstart --dir demo");
        assertThat(blocks("sh").get(1).lines()).containsExactly("mvn -B -ntp verify");
        assertThat(read(".ci/run").lines()).contains("mvn -B -ntp verify");
    }

    @Test
    void everyErrorCode_hasItsAnchorAndMeaning_inTheirOrder() throws IOException {
        Stream<String> rows = Pattern.compile(
                        "^\\| <a id=\"(bf-\\d+)\"></a>`(BF-\\d+)` \\| `(\\w+)` \\| (.+) \\|$", Pattern.MULTILINE)
                .matcher(read("README.md"))
                .results()
                .map(row -> row.group(1) + " " + row.group(2) + " " + row.group(3));
        assertThat(rows)
                .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
                        .map(code ->
                                code.code().toLowerCase(java.util.Locale.ROOT) + " " + code.code() + " " + code.name())
                        .toList());
    }

    @Test
    void everyRunState_isInTheDiagram() throws IOException {
        String diagram = blocks("mermaid").get(0);
        assertThat(RunState.values()).allSatisfy(state -> assertThat(diagram).contains(state.name()));
    }

    @Test
    void everyExitCode_isInTheTable() throws IOException {
        List<String> numbers = Pattern.compile("^\\| (\\d+) \\| ", Pattern.MULTILINE)
                .matcher(read("README.md"))
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList();
        assertThat(numbers)
                .containsExactlyElementsOf(Arrays.stream(ExitCode.values())
                        .map(code -> Integer.toString(code.number()))
                        .toList());
    }

    @Test
    void everyLink_leadsSomewhere() throws IOException {
        assertThat(Pattern.compile("\\]\\(([^)#:]+)\\)")
                        .matcher(read("README.md"))
                        .results()
                        .map(link -> link.group(1)))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
    }
}
