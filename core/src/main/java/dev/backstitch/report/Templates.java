package dev.backstitch.report;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The templates beside this class. One may hold another; all that fills them is escaped. */
final class Templates {
    private static final Mustache.Compiler COMPILER =
            Mustache.compiler().withEscaper(Words::escaped).withLoader(name -> new StringReader(text(name)));

    private Templates() {}

    static Template named(String file) {
        return COMPILER.compile(text(file));
    }

    private static String text(String file) {
        try (InputStream template = Templates.class.getResourceAsStream(file)) {
            if (template == null) {
                throw new IllegalStateException(file + " is missing beside " + Templates.class.getName());
            }
            return new String(template.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
