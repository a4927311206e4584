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
        return plan instanceof ObjectNode object && object.path("format").asInt() == 1 ? fromOneBackfill(object) : plan;
    }

    /** Format 1 knew dags of one backfill, whose plan was the plan. */
    private static ObjectNode fromOneBackfill(ObjectNode before) {
        ObjectNode backfill = (ObjectNode) before.path("dag").path("backfill").deepCopy();
        backfill.put("kind", "Backfill");
        ((ObjectNode) backfill.path("limits")).put("start", "TOGETHER");
        String name = backfill.path("name").asText();
        ObjectNode dag = JSON.objectNode();
        dag.set("name", before.path("dag").path("name"));
        dag.set("members", JSON.arrayNode().add(backfill));
        dag.set("edges", JSON.arrayNode());
        dag.set("together", JSON.arrayNode());
        ObjectNode planned = JSON.objectNode().put("name", name);
        for (String part : List.of(
                "target",
                "partitionColumn",
                "partitions",
                "dependents",
                "mergeStatements",
                "publishStatements",
                "logic")) {
            planned.set(part, before.path(part));
        }
        ArrayNode tasks = JSON.arrayNode();
        for (JsonNode task : before.path("tasks")) {
            ObjectNode now = task.deepCopy();
            now.set("members", JSON.arrayNode().add(name));
            now.set("samePartition", JSON.arrayNode());
            tasks.add(now);
        }
        ObjectNode plan = JSON.objectNode().put("format", Plan.FORMAT);
        plan.set("dag", dag);
        plan.set("plannedAt", before.path("plannedAt"));
        plan.set("connector", before.path("connector"));
        plan.set("backfills", JSON.arrayNode().add(planned));
        plan.set("tasks", tasks);
        return plan;
    }
}
