package dev.backstitch.report;

import dev.backstitch.spi.Entry;
import dev.backstitch.spi.MergeCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What the merges did to each partition, as columns of one picture and as numbers. Pure. */
final class Changes {
    private static final double HEIGHT = 100.0;

    private Changes() {}

    /**
     * A part of a column.
     *
     * @param x its place from the left, of as many as there are partitions
     * @param y from the top, of 100
     */
    record Part(int x, String y, String height, String kind, String title) {}

    /** The rows of all partitions that a merge wrote or left. */
    record Sum(String unchanged, String updated, String inserted, String deleted, String after) {}

    static Sum sum(List<Entry> entries) {
        return new Sum(
                total(entries, MergeCounts::unchanged),
                total(entries, MergeCounts::updated),
                total(entries, MergeCounts::inserted),
                total(entries, MergeCounts::deleted),
                total(entries, MergeCounts::rowsAfter));
    }

    private static String total(List<Entry> entries, ToLongFunction<MergeCounts> part) {
        return Words.number(entries.stream().map(Entry::rows).mapToLong(part).sum());
    }

    /**
     * A column that differed in rows of the target.
     *
     * @param share of all that were compared and updated, in percent
     */
    record OfColumn(String column, String rows, String share) {}

    /** The columns that differed, the most often changed first. */
    static List<OfColumn> byColumn(List<Entry> entries) {
        Map<String, Long> rows = new TreeMap<>();
        entries.forEach(
                entry -> entry.rows().changed().forEach((column, changed) -> rows.merge(column, changed, Long::sum)));
        long updated =
                entries.stream().mapToLong(entry -> entry.rows().updated()).sum();
        return rows.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(column -> new OfColumn(
                        column.getKey(),
                        Words.number(column.getValue()),
                        String.format(Locale.ROOT, "%.1f", 100.0 * column.getValue() / Math.max(updated, 1))))
                .toList();
    }

    /** Where nothing was read, there is no part. */
    static List<Part> parts(List<Entry> entries) {
        long most =
                entries.stream().map(Entry::rows).mapToLong(Changes::all).max().orElse(0);
        List<Part> parts = new ArrayList<>();
        for (int x = 0; x < entries.size() && most > 0; x++) {
            MergeCounts rows = entries.get(x).rows();
            String partition = entries.get(x).partition();
            double y = HEIGHT;
            y = add(parts, x, y, rows.unchanged(), most, "unchanged", partition);
            y = add(parts, x, y, rows.updated(), most, "updated", partition);
            y = add(parts, x, y, rows.inserted(), most, "inserted", partition);
            add(parts, x, y, rows.deleted(), most, "deleted", partition);
        }
        return parts;
    }

    /** The rows of the highest column. */
    static long most(List<Entry> entries) {
        return entries.stream().map(Entry::rows).mapToLong(Changes::all).max().orElse(0);
    }

    private static long all(MergeCounts rows) {
        return rows.unchanged() + rows.updated() + rows.inserted() + rows.deleted();
    }

    private static double add(
            List<Part> parts, int x, double bottom, long rows, long most, String kind, String partition) {
        if (rows == 0) {
            return bottom;
        }
        double height = rows * HEIGHT / most;
        parts.add(new Part(
                x,
                String.format(Locale.ROOT, "%.2f", bottom - height),
                String.format(Locale.ROOT, "%.2f", height),
                kind,
                partition + ": " + Words.number(rows) + " " + kind));
        return bottom - height;
    }
}
