package dev.backstitch.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Brings a frozen plan of an earlier format to the present one, so that its run can be resumed. Pure. */
final class PlanUpgrade {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PlanUpgrade() {}

    static JsonNode toPresentFormat(JsonNode plan) {
        if (!(plan instanceof ObjectNode)) {
            return plan;
        }
        ObjectNode now = plan.path("format").asInt() == 1 ? fromOneBackfill(plan) : plan.deepCopy();
        return fromFormat2(now).put("format", Plan.FORMAT);
    }

    /** Format 2 ran every partition of a scope, and went through no checklist. */
    private static ObjectNode fromFormat2(ObjectNode plan) {
        for (JsonNode member : plan.path("dag").path("members")) {
            if (member.path("kind").asText().equals("Backfill")) {
                ((ObjectNode) member).put("reprocess", "ALL");
            }
        }
        plan.path("backfills").forEach(planned -> {
            ((ObjectNode) planned).putNull("reads").set("checklist", JSON.arrayNode());
            planned.path("partitions").forEach(partition -> ((ObjectNode) partition).putNull("rows"));
        });
        return plan;
    }

    /** Format 1 knew dags of one backfill, whose plan was the plan. */
    private static ObjectNode fromOneBackfill(JsonNode before) {
        ObjectNode backfill = (ObjectNode) before.path("dag").path("backfill").deepCopy();
        backfill.put("kind", "Backfill");
        ((ObjectNode) backfill.path("limits")).put("start", "TOGETHER");
        ((ObjectNode) backfill.path("merge"))
                .set(
                        "write",
                        JSON.objectNode()
                                .put("rows", "ALL")
                                .<ObjectNode>set("updating", JSON.arrayNode())
                                .set("comparing", JSON.arrayNode()));
        ((ObjectNode) backfill.path("publish")).put("approval", "NOT_NEEDED").put("lateWrites", "REFUSE");
        backfill.set("scope", scope(backfill.path("scope")));
        ArrayNode audits = JSON.arrayNode();
        backfill.path("audits").forEach(audit -> audits.add(audit(audit)));
        backfill.set("audits", audits);
        String name = backfill.path("name").asText();
        ObjectNode dag = JSON.objectNode();
        dag.set("name", before.path("dag").path("name"));
        dag.set("members", JSON.arrayNode().add(backfill));
        dag.set("edges", JSON.arrayNode());
        dag.set("together", JSON.arrayNode());
        ObjectNode planned = JSON.objectNode().put("name", name);
        for (String part :
                List.of("target", "partitions", "dependents", "mergeStatements", "publishStatements", "logic")) {
            planned.set(part, before.path(part));
        }
        planned.set("partitionColumns", JSON.arrayNode().add(before.path("partitionColumn")));
        ArrayNode tasks = JSON.arrayNode();
        for (JsonNode task : before.path("tasks")) {
            ObjectNode now = task.deepCopy();
            now.set("members", JSON.arrayNode().add(name));
            now.set("samePartition", JSON.arrayNode());
            tasks.add(now);
        }
        ObjectNode plan = JSON.objectNode();
        plan.set("dag", dag);
        plan.set("plannedAt", before.path("plannedAt"));
        plan.set("connector", before.path("connector"));
        plan.set("backfills", JSON.arrayNode().add(planned));
        plan.set("tasks", tasks);
        return plan;
    }

    /** One audit had a class of its own that is a figure now. */
    private static JsonNode audit(JsonNode before) {
        if (!before.path("kind").asText().equals("RowCountWithin")) {
            return before;
        }
        ObjectNode expected =
                JSON.objectNode().put("kind", "LikeLive").put("ratio", 1).putNull("whenEmpty");
        ObjectNode tolerance = JSON.objectNode().put("kind", "Percent");
        tolerance.set("percent", before.path("percent"));
        expected.set("tolerance", tolerance);
        ObjectNode audit =
                JSON.objectNode().put("kind", "Measured").put("grain", "WHOLE").putNull("live");
        audit.set(
                "metric",
                JSON.objectNode().put("kind", "ROW_COUNT").put("expression", "").put("percent", 0));
        audit.set("expected", expected);
        audit.set("severity", before.path("severity"));
        return audit;
    }

    /** Scopes were days. */
    private static ObjectNode scope(JsonNode before) {
        ObjectNode by = JSON.objectNode().put("unit", "DAYS");
        by.set("column", before.path("column"));
        by.putNull("zone");
        ObjectNode scope = JSON.objectNode();
        scope.set("by", by);
        return switch (before.path("kind").asText()) {
            case "DayRange" ->
                scope.put("kind", "Range")
                        .put("from", before.path("from").asText() + "T00:00:00")
                        .put("to", before.path("to").asText() + "T00:00:00");
            case "LastDays" ->
                scope.put("kind", "Last").put("count", before.path("count").asInt());
            default -> {
                ArrayNode starts = JSON.arrayNode();
                before.path("days").forEach(day -> starts.add(day.asText() + "T00:00:00"));
                scope.set("starts", starts);
                yield scope.put("kind", "Only");
            }
        };
    }
}
