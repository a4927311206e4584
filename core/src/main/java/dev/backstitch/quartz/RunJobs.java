package dev.backstitch.quartz;

import dev.backstitch.plan.Task;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;

/** A run's tasks as Quartz jobs: one durable job a task, its name the task's, its group the run's. Pure. */
public final class RunJobs {
    private static final String GROUP = "backstitch.";

    private RunJobs() {}

    /** The jobs of a run, in the order of its tasks. Their data are strings only. */
    public static List<JobDetail> of(String run, List<Task> tasks) {
        return tasks.stream()
                .map(task -> JobBuilder.newJob(LaneJob.class)
                        .withIdentity(key(run, task))
                        .withDescription("task " + task.name() + " of run " + run + ": " + task.instances()
                                + (task.instances() == 1 ? " instance" : " instances"))
                        .usingJobData(LaneJob.RUN, run)
                        .usingJobData(LaneJob.TASK, task.name())
                        .storeDurably()
                        .requestRecovery(false)
                        .build())
                .toList();
    }

    static String group(String run) {
        return GROUP + run;
    }

    static Trigger lane(String run, Task task, String name, Instant at) {
        return TriggerBuilder.newTrigger()
                .withIdentity(new TriggerKey(task.name() + "-lane-" + name, group(run)))
                .forJob(key(run, task))
                .startAt(Date.from(at))
                .build();
    }

    static JobKey key(String run, Task task) {
        return new JobKey(task.name(), group(run));
    }
}
