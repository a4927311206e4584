package dev.backstitch.notice;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channels that come with Backstitch. */
public final class Notifiers {
    private static final Logger LOG = LoggerFactory.getLogger(Notifiers.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;
    private static final int NOT_OK = 300;

    private Notifiers() {}

    /** The log, at level {@code info}. */
    public static Notifier log() {
        return new Notifier() {
            @Override
            public String name() {
                return "log";
            }

            @Override
            public void tell(Notice notice) {
                LOG.info("run={} {} {}", notice.run(), notice.kind(), notice.text());
            }
        };
    }

    /**
     * A file, to which each notice is added as a line of JSON.
     *
     * @param path made with its directory at the first notice
     */
    public static Notifier file(Path path) {
        return new Notifier() {
            @Override
            public String name() {
                return "file " + path;
            }

            @Override
            public void tell(Notice notice) throws IOException {
                if (path.getParent() != null) {
                    Files.createDirectories(path.getParent());
                }
                Files.writeString(path, json(notice) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        };
    }

    /**
     * A program of the operating system, run without a shell, which reads the notice as JSON from its standard input. It has
     * told when it ends with 0 within ten seconds.
     */
    public static Notifier command(List<String> command) {
        List<String> words = List.copyOf(command);
        return new Notifier() {
            @Override
            public String name() {
                return "command " + words.get(0);
            }

            @Override
            public void tell(Notice notice) throws IOException, InterruptedException {
                Process process = new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                try (OutputStream in = process.getOutputStream()) {
                    in.write(json(notice).getBytes(StandardCharsets.UTF_8));
                }
                if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new IOException(words.get(0) + " took longer than " + TIMEOUT);
                }
                if (process.exitValue() != 0) {
                    throw new IOException(words.get(0) + " ended with " + process.exitValue());
                }
            }
        };
    }

    /**
     * An address to which each notice is sent by {@code POST} as JSON, with its key in {@code Idempotency-Key}. It has told
     * when the answer is 2xx within ten seconds.
     *
     * @param uri where to; nothing of it but the host is logged, since it may hold a secret
     */
    public static Webhook webhook(URI uri) {
        return new Webhook(uri, Optional.empty());
    }

    /**
     * A channel by HTTP; see {@link Notifiers#webhook}.
     *
     * @param secret the environment variable with the secret by which each body is signed, if it is
     */
    public record Webhook(URI uri, Optional<String> secret) implements Notifier {
        /**
         * Signs each body: {@code Backstitch-Signature} is {@code sha256=} and the HMAC-SHA256 of the body in hexadecimal.
         *
         * @param variable the environment variable that has the secret; it is read each time and kept nowhere
         */
        public Webhook signedBy(String variable) {
            return new Webhook(uri, Optional.of(variable));
        }

        @Override
        public String name() {
            return "webhook " + uri.getHost();
        }

        @Override
        public void tell(Notice notice) throws IOException, InterruptedException {
            String body = json(notice);
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(TIMEOUT)
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", notice.key())
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (secret.isPresent()) {
                String key = System.getenv(secret.get());
                if (key == null || key.isBlank()) {
                    throw new IOException("the environment has no " + secret.get());
                }
                request.header(
                        "Backstitch-Signature",
                        "sha256="
                                + Hashing.hmacSha256(key.getBytes(StandardCharsets.UTF_8))
                                        .hashString(body, StandardCharsets.UTF_8));
            }
            HttpResponse<Void> response = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.discarding());
            if (response.statusCode() < OK || response.statusCode() >= NOT_OK) {
                throw new IOException(name() + " answered " + response.statusCode());
            }
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** A notice as JSON: {@code {"key": .., "kind": .., "run": .., "dag": .., "owners": [..], "text": .., "commands": [..], "at": ..}}. */
    public static String json(Notice notice) {
        ObjectNode node = JSON.createObjectNode()
                .put("key", notice.key())
                .put("kind", notice.kind().name())
                .put("run", notice.run())
                .put("dag", notice.dag());
        ArrayNode owners = node.putArray("owners");
        notice.owners().forEach(owners::add);
        node.put("text", notice.text());
        ArrayNode commands = node.putArray("commands");
        notice.commands().forEach(commands::add);
        return node.put("at", notice.at().toString()).toString();
    }
}
