package dev.backstitch.faults;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What writers were told was written, kept outside of the database. Thread-safe. */
final class Acks {
    /** What a deleted row is now. */
    private static final String GONE = "";

    private final Map<Long, String> rows = new TreeMap<>();
    private final Map<Phase, Integer> byPhase = new EnumMap<>(Phase.class);
    private int count;
    private int rejected;

    /** A row is now this, as far as its writer was told. */
    synchronized void written(long id, String row, Phase meanwhile) {
        rows.put(id, row);
        acknowledged(meanwhile);
    }

    synchronized void deleted(long id, Phase meanwhile) {
        rows.put(id, GONE);
        acknowledged(meanwhile);
    }

    private void acknowledged(Phase meanwhile) {
        count++;
        byPhase.merge(meanwhile, 1, Integer::sum);
    }

    /** A writer was told that nothing was written. */
    synchronized void rejected() {
        rejected++;
    }

    synchronized int count() {
        return count;
    }

    synchronized int rejections() {
        return rejected;
    }

    synchronized int count(Phase meanwhile) {
        return byPhase.getOrDefault(meanwhile, 0);
    }

    /** Acknowledged rows that aren't there as they were acknowledged, and deleted ones that are there. */
    synchronized List<String> lost(List<String> table) {
        Map<Long, String> found = new TreeMap<>();
        table.forEach(row -> found.put(id(row), row));
        List<String> lost = new ArrayList<>();
        rows.forEach((id, row) -> {
            String now = found.getOrDefault(id, GONE);
            if (!now.equals(row)) {
                lost.add("acknowledged " + (row.isEmpty() ? id + " deleted" : row) + ", found "
                        + (now.isEmpty() ? "none" : now));
            }
        });
        return lost;
    }

    /** The table without the rows that writers touched. */
    synchronized List<String> untouched(List<String> table) {
        return table.stream().filter(row -> !rows.containsKey(id(row))).toList();
    }

    private static long id(String row) {
        return Long.parseLong(row.substring(0, row.indexOf('|')));
    }
}
