package dev.backstitch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a second terminal can do to a run of the quickstart, whose warehouse only the first one's process can open. */
class SecondTerminalTest {
    @TempDir
    Path scratch;

    @Test
    void aPausedRun_keepsWhatIsMerged_isNotGoneOnWithByRun_butByResume() throws Exception {
        Path directory = scratch.resolve("paused");
        String run;
        try (OtherProcess other = OtherProcess.holdsAfter(10, directory)) {
            run = runIn(directory);
            CompletableFuture<Called> pause =
                    CompletableFuture.supplyAsync(() -> Called.quickstart(directory, "pause", run));
            awaitState(directory, "PAUSING");
            other.goOn();

            assertThat(pause.get().code()).as(pause.get().err()).isEqualTo(ExitCode.DONE);
            assertThat(pause.get().out())
                    .contains("run " + run + " begins nothing more", "run " + run + " is paused. To go on:")
                    .contains("resume " + run);
            assertThat(other.said()).contains("run " + run + " ended PAUSED: paused by ", "resume " + run);
            assertThat(other.exitCode()).isEqualTo(ExitCode.PAUSED);
        }
        assertThat(Called.quickstart(directory, "status").out())
                .contains("PAUSED")
                .containsPattern("merged 1[0-9]/31");
        Called again = Called.quickstart(directory);
        assertThat(again.code()).isEqualTo(ExitCode.PAUSED);
        assertThat(again.err()).contains("is paused: paused by ", "resume " + run);
        assertThat(Called.quickstart(directory, "pause", run).err())
                .startsWith("BF-503 pause of run " + run + " refused")
                .contains("found it PAUSED");

        Called resumed = Called.quickstart(directory, "resume", run);
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.DONE);
        assertThat(resumed.out()).containsPattern("1[0-9] of them merged already");
    }

    @Test
    void aCancel_isDoneByTheProcessThatRuns_andTheTargetIsAsItWas() throws Exception {
        Path directory = scratch.resolve("cancelled");
        try (OtherProcess other = OtherProcess.holdsAfter(10, directory)) {
            String run = runIn(directory);
            CompletableFuture<Called> cancel =
                    CompletableFuture.supplyAsync(() -> Called.quickstart(directory, "cancel", run));
            awaitState(directory, "CANCELLING");
            other.goOn();

            assertThat(cancel.get().code()).as(cancel.get().err()).isEqualTo(ExitCode.DONE);
            assertThat(cancel.get().out())
                    .contains("is to be given up by the process that works on it")
                    .contains("cancelled run " + run);
            assertThat(other.said()).contains("run " + run + " is cancelled");
            assertThat(other.exitCode()).isEqualTo(ExitCode.FAILED);
        }
        Called plan = Called.quickstart(directory, "plan");
        assertThat(plan.code()).as(plan.err()).isEqualTo(ExitCode.DONE);
        assertThat(Called.quickstart(directory, "status").out()).contains("CANCELLED");
    }

    private static String runIn(Path directory) {
        String status = Called.quickstart(directory, "status").out();
        return status.substring(0, status.indexOf(' '));
    }

    private static void awaitState(Path directory, String state) throws IOException, InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (Called.quickstart(directory, "status").out().contains("  " + state + "  ")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not " + state);
    }
}
