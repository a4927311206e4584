package dev.backstitch.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.Watermark;
import dev.backstitch.run.Owners;
import dev.backstitch.spi.Archive;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.util.List;
import java.util.Locale;

/** What commands say, as JSON for programs. Names of fields stay as they are; new ones may come. */
final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Json() {}

    /** {@code {"runs": [..]}}, newest first. */
    static String runs(StateStore state, List<RunRecord> runs) {
        ObjectNode all = NODES.objectNode();
        ArrayNode list = all.putArray("runs");
        runs.forEach(run -> list.add(run(run)));
        return all.put("stateStore", state.location()).toPrettyString();
    }

    /** One run with its tasks: how many instances of each are in which state, and which of them failed with what. */
    static String run(StateStore state, RunRecord run) {
        Plan plan = PlanFormat.read(state.plan(run.id()));
        List<InstanceRecord> instances = state.instances(run.id());
        ObjectNode node = run(run);
        ArrayNode targets = node.putArray("targets");
        plan.backfills().forEach(planned -> targets.add(planned.live().toString()));
        node.put("connector", plan.connector());
        ArrayNode tasks = node.putArray("tasks");
        plan.tasks().forEach(task -> tasks.add(task(task, instances)));
        ArrayNode holds = node.putArray("holds");
        state.holds().stream()
                .filter(hold -> hold.run().equals(run.id()))
                .forEach(hold -> holds.addObject()
                        .put("name", hold.hold())
                        .put("state", hold.state().name())
                        .put("since", hold.since().toString()));
        ArrayNode watches = node.putArray("watches");
        state.watches().stream()
                .filter(watch -> watch.run().equals(run.id()))
                .forEach(watch -> watches.addObject()
                        .put("backfill", watch.backfill())
                        .put("state", watch.state().name())
                        .put("nextAt", watch.nextAt().toString())
                        .put("until", watch.until().toString())
                        .put("looks", watch.looks())
                        .put("breaches", watch.breaches())
                        .put("last", watch.last().isEmpty() ? null : watch.last()));
        if (run.state() == RunState.RUNNING) {
            TimeLeft.of(plan, instances)
                    .ifPresent(left -> node.putObject("mergesLeft")
                            .put("partitions", left.merges())
                            .put("atLeast", left.atLeast().toString())
                            .put("atMost", left.atMost().toString()));
        }
        return node.toPrettyString();
    }

    private static ObjectNode run(RunRecord run) {
        ObjectNode node = NODES.objectNode()
                .put("id", run.id())
                .put("dag", run.dag())
                .put("state", run.state().name())
                .put("actor", run.actor())
                .put("createdAt", run.createdAt().toString())
                .put("endedAt", run.endedAt().map(Object::toString).orElse(null))
                .put("failure", run.failure().isEmpty() ? null : run.failure())
                .put("planSha256", run.planSha())
                .put("epoch", run.epoch());
        node.putObject("owner")
                .put("host", run.owner().host())
                .put("pid", run.owner().pid())
                .put("leasedUntil", run.leasedUntil().toString())
                .put("lease", run.lease().name())
                .put("hasSurelyEnded", Owners.isSurelyDead(run.owner()));
        return node;
    }

    private static ObjectNode task(Task task, List<InstanceRecord> instances) {
        ObjectNode node = NODES.objectNode()
                .put("name", task.name())
                .put("kind", task.kind().name())
                .put("instances", task.instances());
        ObjectNode counts = node.putObject("states");
        ArrayNode failures = NODES.arrayNode();
        for (InstanceState each : InstanceState.values()) {
            List<InstanceRecord> in = instances.stream()
                    .filter(instance -> instance.key().task() == task.number() && instance.state() == each)
                    .toList();
            if (!in.isEmpty()) {
                counts.put(each.name().toLowerCase(Locale.ROOT), in.size());
            }
            in.stream()
                    .filter(instance ->
                            each != InstanceState.SUCCEEDED && !instance.error().isEmpty())
                    .forEach(instance -> failures.addObject()
                            .put("partition", instance.partition().isEmpty() ? null : instance.partition())
                            .put("state", each.name())
                            .put("attempt", instance.attempt())
                            .put("error", instance.error()));
        }
        node.set("failures", failures);
        return node;
    }

    /** {@code {"archives": [..]}}. */
    static String archives(List<Archive> archives) {
        ObjectNode all = NODES.objectNode();
        ArrayNode list = all.putArray("archives");
        archives.forEach(archive -> list.addObject()
                .put("table", archive.table().toString())
                .put("run", archive.run())
                .put("state", archive.state().name())
                .put("rows", archive.rows())
                .put("rowsPublished", archive.rowsPublished())
                .put("createdAt", archive.createdAt().toString())
                .put("expiresAt", archive.expiresAt().toString()));
        return all.toPrettyString();
    }

    /** {@code {"watermark": {"table": .., "ranges": [..], "published": [..]}}}. */
    static String watermark(Watermark watermark) {
        ObjectNode all = NODES.objectNode();
        ObjectNode node =
                all.putObject("watermark").put("table", watermark.table().toString());
        ArrayNode ranges = node.putArray("ranges");
        for (Watermark.Along along : watermark.ranges()) {
            ObjectNode range = ranges.addObject()
                    .put("column", along.column())
                    .put("from", along.prefix().from().toString())
                    .put("to", along.prefix().to().toString())
                    .put("lastTo", along.span().to().toString());
            ArrayNode holes = range.putArray("holes");
            along.holes()
                    .forEach(hole -> holes.addObject()
                            .put("from", hole.from().toString())
                            .put("to", hole.to().toString()));
        }
        ArrayNode published = node.putArray("published");
        watermark
                .published()
                .forEach(each -> published
                        .addObject()
                        .put("partition", each.partition())
                        .put("run", each.run())
                        .put("since", each.since().toString())
                        .put("logic", each.logic()));
        return all.toPrettyString();
    }

    /** {@code {"nothingToRun": "why"}}. */
    static String nothingToRun(String why) {
        return NODES.objectNode().put("nothingToRun", why).toPrettyString();
    }

    /** {@code {"error": {"code": "BF-203", "message": ..}}}; a defect has no code. */
    static String error(Exception failure) {
        ObjectNode all = NODES.objectNode();
        all.putObject("error")
                .put(
                        "code",
                        failure instanceof BackstitchException ours
                                ? ours.code().code()
                                : null)
                .put("message", failure instanceof BackstitchException ? failure.getMessage() : failure.toString());
        return all.toPrettyString();
    }
}
