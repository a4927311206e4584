package dev.backstitch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import dev.backstitch.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands print with {@code --json} is as its schema says. */
class JsonSchemaTest {
    private static final Path SCHEMA = Path.of("..", "docs", "command-line.schema.json");

    @TempDir
    Path directory;

    @Test
    void everyDocument_isAsTheSchemaSays() throws IOException, InterruptedException {
        assertValid(Called.quickstart(directory, "status", "--json"), "there is no run in");
        OtherProcess.diesAfter(10, directory);
        Called interrupted = Called.quickstart(directory, "status", "--json");
        assertValid(interrupted, "\"RUNNING\"");
        String run = interrupted.out().replaceAll("(?s).*?\"id\" : \"([^\"]+)\".*", "$1");
        assertValid(Called.quickstart(directory, "status", run, "--json"), "\"mergesLeft\"");
        Called.quickstart(directory);
        assertValid(Called.quickstart(directory, "status", run, "--json"), "\"PUBLISHED\"");
        assertValid(Called.quickstart(directory, "archives", "--json"), "\"KEPT\"");
        assertValid(
                Called.quickstart(directory, "watermark", "analytics.flights", "--json"), "\"to\" : \"2001-02-01\"");
        Called refused = Called.quickstart(directory, "status", "none", "--json");
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
        assertValid(refused, "\"BF-502\"");
    }

    @Test
    void aDocumentThatLacksAField_isFound() throws IOException {
        assertThat(schema().validate("{\"error\": {\"code\": \"BF-502\"}}", InputFormat.JSON))
                .isNotEmpty();
        assertThat(schema().validate("{\"archives\": [{\"table\": 1}]}", InputFormat.JSON))
                .isNotEmpty();
    }

    private static void assertValid(Called called, String part) throws IOException {
        assertThat(called.out()).contains(part);
        assertThat(schema().validate(
                                called.out(),
                                InputFormat.JSON,
                                context -> context.getExecutionConfig().setFormatAssertionsEnabled(true)))
                .as(called.out())
                .isEmpty();
    }

    private static JsonSchema schema() throws IOException {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        Files.readString(SCHEMA),
                        SchemaValidatorsConfig.builder().build());
    }
}
