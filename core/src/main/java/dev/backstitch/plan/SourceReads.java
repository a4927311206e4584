package dev.backstitch.plan;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Reads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What the merges of a plan read through, and how that has changed since it was made. */
public final class SourceReads {
    private static final int SHOWN_HASH = 12;

    private SourceReads() {}

    /** What a backfill's query reads through now. */
    static Optional<Reads> of(Catalog catalog, Backfill backfill, Partition sample, List<Column> partitionColumns) {
        return catalog.reads(SqlTemplate.parse(backfill.merge().sql()), sample, partitionColumns);
    }

    /**
     * One line a difference between what a backfill's merges read through when they were planned and now, such as {@code
     * flights reads view staging.recent: planned with definition 1f0c.., now 77aa..}; none where either is not known.
     */
    public static List<String> changes(Catalog catalog, Plan plan, PlannedBackfill planned) {
        Optional<Reads> before = planned.reads();
        if (before.isEmpty()) {
            return List.of();
        }
        return of(catalog, plan.dag().backfill(planned.name()), planned.scope().get(0), planned.partitionColumns())
                .map(now -> between(planned.name(), before.get(), now))
                .orElse(List.of());
    }

    static List<String> between(String backfill, Reads before, Reads now) {
        Map<String, Reads.Definition> planned = byName(before);
        Map<String, Reads.Definition> found = byName(now);
        TreeSet<String> names = new TreeSet<>(planned.keySet());
        names.addAll(found.keySet());
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            Optional<String> then = shown(planned, name);
            Optional<String> today = shown(found, name);
            if (!then.equals(today)) {
                lines.add(backfill + " reads " + name + ": "
                        + then.map(definition -> "planned " + definition).orElse("not read when it was planned") + ", "
                        + today.map(definition -> "now " + definition).orElse("not read or not there now"));
            }
        }
        return lines;
    }

    private static Map<String, Reads.Definition> byName(Reads reads) {
        Map<String, Reads.Definition> byName = new LinkedHashMap<>();
        reads.seen().forEach(definition -> byName.put(definition.toString(), definition));
        return byName;
    }

    private static Optional<String> shown(Map<String, Reads.Definition> definitions, String name) {
        return Optional.ofNullable(definitions.get(name))
                .map(found -> found.kind().equals("column")
                        ? found.definition()
                        : "with definition "
                                + found.definition()
                                        .substring(
                                                0,
                                                Math.min(
                                                        SHOWN_HASH,
                                                        found.definition().length())));
    }
}
