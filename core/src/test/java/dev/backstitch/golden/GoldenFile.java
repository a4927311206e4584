package dev.backstitch.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Texts that people read, in a file that people read: what they looked like when somebody last found them good. A test
 * collects them and compares. A change that is wanted is taken over with {@code -Dgolden=renew}, as in
 *
 * <pre>{@code mvn -o verify -pl core -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=BuildGateTest -Dgolden=renew}</pre>
 *
 * <p>and read again before it is committed.
 */
public final class GoldenFile {
    private static final String SWITCH = "golden";

    private final Path file;
    private final Map<String, String> texts = new LinkedHashMap<>();

    private GoldenFile(Path file) {
        this.file = file;
    }

    /** The file of this name among the resources of the test's package. */
    public static GoldenFile beside(Class<?> test, String name) {
        return new GoldenFile(Path.of("src", "test", "resources")
                .resolve(test.getPackageName().replace('.', '/'))
                .resolve(name));
    }

    /**
     * Adds a text.
     *
     * @param title what happened, for the reader of the file; each once
     */
    public GoldenFile add(String title, String text) {
        assertThat(texts.put(title, text))
                .as("two texts under the title %s", title)
                .isNull();
        return this;
    }

    /** Compares all that was added, in its order, with the file; or writes the file. */
    public void check() {
        String found = texts.entrySet().stream()
                .map(text -> "# " + text.getKey() + "\n" + text.getValue().strip() + "\n")
                .collect(Collectors.joining("\n"));
        try {
            if ("renew".equals(System.getProperty(SWITCH))) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, found);
                return;
            }
            assertThat(found)
                    .as("%s; if the new texts are better, take them over with -D%s=renew", file, SWITCH)
                    .isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read or written", e);
        }
    }
}
