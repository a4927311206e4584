package dev.backstitch.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.backstitch.spec.Dag;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What differs between the dag that a run was planned from and the one that is registered now. */
public final class PlanDifference {
    private PlanDifference() {}

    /** One line a setting that differs, such as {@code flights.limits.concurrency: planned 2, now 4}; empty if none. */
    public static List<String> between(Dag planned, Dag registered) {
        List<String> lines = new ArrayList<>();
        compare("", byMember(planned), byMember(registered), lines);
        return lines;
    }

    /** Members by their names, so that one that was added or moved isn't compared with its neighbour. */
    private static ObjectNode byMember(Dag dag) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        dag.members().forEach(member -> tree.set(member.name(), PlanFormat.member(member)));
        tree.set("dag.edges", PlanFormat.tree(dag.edges()));
        tree.set("dag.publishTogether", PlanFormat.tree(dag.together()));
        return tree;
    }

    private static void compare(String path, JsonNode planned, JsonNode now, List<String> lines) {
        if (planned.equals(now)) {
            return;
        }
        if (planned.isObject() && now.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            planned.fieldNames().forEachRemaining(names::add);
            now.fieldNames().forEachRemaining(names::add);
            names.forEach(name ->
                    compare(path.isEmpty() ? name : path + "." + name, planned.path(name), now.path(name), lines));
        } else if (planned.isArray() && now.isArray()) {
            for (int i = 0; i < Math.max(planned.size(), now.size()); i++) {
                compare(path + "[" + i + "]", planned.path(i), now.path(i), lines);
            }
        } else {
            lines.add(path + ": planned " + shown(planned) + ", now " + shown(now));
        }
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.toString();
    }
}
