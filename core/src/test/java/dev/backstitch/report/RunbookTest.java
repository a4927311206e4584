package dev.backstitch.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.Samples;
import dev.backstitch.plan.Plan;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookTest {
    @TempDir
    Path directory;

    private Plan plan(String reason) {
        Backfill was = Samples.backfill("flights", Limits.DEFAULT);
        Backfill backfill = new Backfill(
                was.name(),
                was.owner(),
                reason,
                was.target(),
                was.scope(),
                was.shadow(),
                was.merge(),
                was.limits(),
                was.audits(),
                was.publish().afterApproval());
        Dag dag = new Dag("flights", backfill);
        try (Backstitch backstitch = Backstitch.open(
                BackstitchConfig.of(new MemoryConnector(), StateStores.h2(directory.resolve("state"))))) {
            return backstitch.plan(dag);
        }
    }

    @Test
    void aRunbook_hasTheCommandsForEveryTurn() {
        String markdown =
                Runbook.of(plan("delays were wrong"), "java -jar dags.jar").markdown();

        for (String command : new String[] {
            "plan flights",
            "run flights",
            "status",
            "approve RUN --who .. --why ..",
            "pause RUN",
            "resume RUN",
            "explain RUN",
            "reaudit RUN",
            "accept RUN AUDIT --who .. --why ..",
            "cancel RUN",
            "recover",
            "rollback RUN",
            "archives",
            "report RUN"
        }) {
            assertThat(markdown).contains("      java -jar dags.jar " + command);
        }
        assertThat(markdown).contains("| why | delays were wrong |").contains("## Checklist of flights");
    }

    @Test
    void whatSomebodyWroteIntoAReason_isNothingButText() {
        String hostile = "<script>alert(1)</script> | `x` \u001b[31m\n## Carry it out\n[a](b) *b*";
        Runbook runbook = Runbook.of(plan(hostile), "dags");

        assertThat(runbook.markdown())
                .contains("\\<script\\>alert(1)\\</script\\> \\| \\`x\\` ")
                .doesNotContain("\u001b")
                .doesNotContain("\n## Carry it out\n[a]")
                .contains("\\[a\\](b) \\*b\\*");
        assertThat(runbook.html())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script")
                .doesNotContain("\u001b");
    }
}
