package dev.backstitch.report;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.SqlTask;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The order of a dag's members in words. Pure. */
final class DagText {
    private DagText() {}

    /** A line a member and its edges; nothing for a dag of one member, which has no order. */
    static List<String> order(Dag dag) {
        if (dag.members().size() == 1) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        for (Member member : dag.members()) {
            lines.add((lines.isEmpty() ? "  order       " : "              ") + kind(member) + " " + member.name()
                    + waits(dag, member));
        }
        dag.together()
                .forEach(group -> lines.add(
                        "              " + String.join(" and ", group) + " are published in one transaction"));
        return lines;
    }

    private static String waits(Dag dag, Member member) {
        String all = waitsFor(dag, member, Edge.Kind.BARRIER);
        String partitions = waitsFor(dag, member, Edge.Kind.SAME_PARTITION);
        return (all.isEmpty() ? "" : " after " + all)
                + (partitions.isEmpty() ? "" : ", each partition after the same one of " + partitions);
    }

    private static String waitsFor(Dag dag, Member member, Edge.Kind kind) {
        return dag.edges().stream()
                .filter(edge -> edge.to().equals(member.name()) && edge.kind() == kind)
                .map(Edge::from)
                .collect(Collectors.joining(", "));
    }

    private static String kind(Member member) {
        return member.match(new Member.Cases<>() {
            @Override
            public String backfill(Backfill backfill) {
                return "backfill";
            }

            @Override
            public String sql(SqlTask task) {
                return "sql";
            }

            @Override
            public String call(CallTask task) {
                return "call";
            }
        });
    }
}
