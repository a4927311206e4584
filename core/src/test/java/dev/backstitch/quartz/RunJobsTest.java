package dev.backstitch.quartz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quartz.JobDetail;

class RunJobsTest {
    private final List<JobDetail> jobs = RunJobs.of(
            "r1",
            List.of(
                    new Task(0, "scope", TaskKind.SCOPE, List.of("f"), List.of(), List.of(), 1, List.of()),
                    new Task(
                            1,
                            "merge",
                            TaskKind.MERGE,
                            List.of("f"),
                            List.of(0),
                            List.of(),
                            2,
                            List.of("a", "b", "c"))));

    @Test
    void eachTask_isOneDurableJob_namedAfterTaskAndRun() {
        assertThat(jobs)
                .extracting(job -> job.getKey().toString())
                .containsExactly("backstitch.r1.scope", "backstitch.r1.merge");
        assertThat(jobs).allMatch(JobDetail::isDurable).noneMatch(JobDetail::requestsRecovery);
        assertThat(jobs.get(1).getDescription()).isEqualTo("task merge of run r1: 3 instances");
    }

    @Test
    void jobData_areStringsOnly() {
        assertThat(jobs)
                .flatExtracting(job -> job.getJobDataMap().values())
                .isNotEmpty()
                .allMatch(String.class::isInstance);
    }
}
