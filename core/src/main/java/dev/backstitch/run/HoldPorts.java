package dev.backstitch.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.RunsStatements;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What carries holds out. */
final class HoldPorts {
    /** A statement that waits for a lock must not keep a run from ending. */
    private static final Duration BY_SQL = Duration.ofSeconds(30);

    private static final int OK = 200;
    private static final int NOT_OK = 300;
    private static final int SHOWN = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Lanes lanes;
    private final Connector connector;

    HoldPorts(Lanes lanes, Connector connector) {
        this.lanes = lanes;
        this.connector = connector;
    }

    /** @throws BackstitchException with {@code UNSUPPORTED} when nothing here can carry it out */
    Hold.Port of(Hold hold) {
        if (hold instanceof Hold.Http http) {
            return new ByHttp(http);
        }
        if (hold instanceof Hold.Command command) {
            return new ByCommand(command);
        }
        if (hold instanceof Hold.Sql sql && connector instanceof RunsStatements statements) {
            return new BySql(sql, statements);
        }
        if (hold instanceof Hold.Coded coded && coded.port() != null) {
            return coded.port();
        }
        return lanes.portOf(hold)
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNSUPPORTED, hold.name() + " can't be held here: " + why(hold)));
    }

    private String why(Hold hold) {
        if (hold instanceof Hold.QuartzGroup) {
            return "expected the lanes to be on the scheduler that has the group, found others. Nothing was changed. Open the"
                    + " engine with lanes(QuartzLanes.on(scheduler)).";
        }
        return hold instanceof Hold.Sql
                ? "expected a connector that runs statements, found " + connector.name()
                        + ". Nothing was changed. Hold it by a command or by code."
                : "its code is not registered. Nothing was changed. Register its dag.";
    }

    private record BySql(Hold.Sql hold, RunsStatements statements) implements Hold.Port {
        @Override
        public Hold.Before look() {
            return new Hold.Before(
                    statements
                            .ask(SqlTemplate.parse(hold.look()), Interrupt.after(BY_SQL))
                            .isPresent(),
                    "");
        }

        @Override
        public void hold(String note) {
            statements.run(SqlTemplate.parse(hold.hold()), Interrupt.after(BY_SQL));
        }

        @Override
        public void release(String note) {
            statements.run(SqlTemplate.parse(hold.release()), Interrupt.after(BY_SQL));
        }
    }

    /** By a client of its own for each request: holds are rare, and the client's threads would stay. */
    private record ByHttp(Hold.Http hold) implements Hold.Port {
        @Override
        public Hold.Before look() throws IOException, InterruptedException {
            String answer = send("GET", hold.look(), "");
            try {
                JsonNode value = JSON.readTree(answer).at(hold.pointer());
                if (value.isBoolean()) {
                    return new Hold.Before(value.booleanValue(), "");
                }
            } catch (JsonProcessingException e) {
                throw new IOException(hold.look() + " answers no JSON: " + shortened(answer), e);
            }
            throw new IOException(
                    hold.look() + " says neither true nor false at " + hold.pointer() + ": " + shortened(answer));
        }

        @Override
        public void hold(String note) throws IOException, InterruptedException {
            send(hold.hold().method(), hold.hold().uri(), hold.hold().body());
        }

        @Override
        public void release(String note) throws IOException, InterruptedException {
            send(hold.release().method(), hold.release().uri(), hold.release().body());
        }

        private String send(String method, URI uri, String body) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(hold.timeout())
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            body.isEmpty()
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body));
            if (hold.token().isPresent()) {
                String token = System.getenv(hold.token().get());
                if (token == null || token.isBlank()) {
                    throw new IOException(
                            "the environment has no " + hold.token().get());
                }
                request.header("Authorization", "Bearer " + token);
            }
            HttpResponse<String> response = HttpClient.newBuilder()
                    .connectTimeout(hold.timeout())
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() < OK || response.statusCode() >= NOT_OK) {
                throw new IOException(method + " " + uri + " was answered by " + response.statusCode() + ": "
                        + shortened(response.body()));
            }
            return response.body();
        }
    }

    private record ByCommand(Hold.Command hold) implements Hold.Port {
        @Override
        public Hold.Before look() throws IOException, InterruptedException {
            int ended = run(hold.look());
            if (ended != 0 && ended != 1) {
                throw new IOException(hold.look() + " ended with " + ended + ", neither 0 nor 1");
            }
            return new Hold.Before(ended == 0, "");
        }

        @Override
        public void hold(String note) throws IOException, InterruptedException {
            succeed(hold.hold());
        }

        @Override
        public void release(String note) throws IOException, InterruptedException {
            succeed(hold.release());
        }

        private void succeed(List<String> command) throws IOException, InterruptedException {
            int ended = run(command);
            if (ended != 0) {
                throw new IOException(command + " ended with " + ended);
            }
        }

        private int run(List<String> command) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(hold.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " took longer than " + hold.timeout());
            }
            return process.exitValue();
        }
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "..";
    }
}
