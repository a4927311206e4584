package dev.backstitch.quartz;

import dev.backstitch.spec.Hold;
import java.util.ArrayList;
import java.util.List;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;

/**
 * Pauses the triggers of a group one by one, those that are not paused already, and resumes just these: to pause the group as
 * a whole and resume it would wake what a person had paused before. What fires by then is not waited for.
 */
record GroupHold(Scheduler scheduler, String group) implements Hold.Port {
    private static final String BETWEEN = "\n";

    @Override
    public Hold.Before look() throws SchedulerException {
        List<String> firing = new ArrayList<>();
        for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.triggerGroupEquals(group))) {
            Trigger.TriggerState state = scheduler.getTriggerState(key);
            if (state != Trigger.TriggerState.PAUSED && state != Trigger.TriggerState.COMPLETE) {
                firing.add(key.getName());
            }
        }
        return new Hold.Before(firing.isEmpty(), String.join(BETWEEN, firing));
    }

    @Override
    public void hold(String note) throws SchedulerException {
        for (String name : note.split(BETWEEN, -1)) {
            scheduler.pauseTrigger(TriggerKey.triggerKey(name, group));
        }
    }

    @Override
    public void release(String note) throws SchedulerException {
        for (String name : note.split(BETWEEN, -1)) {
            scheduler.resumeTrigger(TriggerKey.triggerKey(name, group));
        }
    }
}
