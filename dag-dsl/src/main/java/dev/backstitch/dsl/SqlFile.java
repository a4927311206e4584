package dev.backstitch.dsl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** SQL that is kept in a file of its own. */
final class SqlFile {
    private SqlFile() {}

    static String read(Class<?> beside, String file) {
        String where = "file \"" + file + "\" beside " + beside.getName();
        try (InputStream stream = beside.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalArgumentException(
                        "there is no " + where + "; it belongs to the resources, in the folder of the class's package: "
                                + folder(beside, file));
            }
            // Strictly: a letter that is replaced by a question mark would change the query.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(stream.readAllBytes()))
                    .toString();
            if (text.isBlank()) {
                throw new IllegalArgumentException(where + " is empty");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(where + " is not UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException(where + " can't be read", e);
        }
    }

    private static String folder(Class<?> beside, String file) {
        return file.startsWith("/")
                ? file.substring(1)
                : beside.getPackageName().replace('.', '/') + "/" + file;
    }
}
