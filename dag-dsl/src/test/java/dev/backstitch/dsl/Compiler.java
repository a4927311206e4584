package dev.backstitch.dsl;

import static java.util.stream.Collectors.joining;

import com.sun.source.util.JavacTask;
import dev.backstitch.spec.Backfill;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;

/** Compiles text against the language, in memory and for its errors alone. */
final class Compiler {
    private Compiler() {}

    /**
     * An error.
     *
     * @param line the line of the text that it is at, without the white space around it
     * @param message the compiler's own
     */
    record CompileError(String line, String message) {}

    static List<CompileError> errorsOf(String source) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = javac.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
            List<String> options = List.of("-proc:none", "-classpath", classPath());
            ((JavacTask) javac.getTask(null, files, diagnostics, options, null, List.of(new Source(source)))).analyze();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> new CompileError(
                        source.lines()
                                .skip(diagnostic.getLineNumber() - 1)
                                .findFirst()
                                .orElseThrow()
                                .strip(),
                        diagnostic.getMessage(Locale.ROOT)))
                .toList();
    }

    private static String classPath() {
        return Stream.of(Dsl.class, Backfill.class, NullMarked.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(location -> {
                    try {
                        return Path.of(location.toURI()).toString();
                    } catch (URISyntaxException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .collect(joining(File.pathSeparator));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Flights.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
