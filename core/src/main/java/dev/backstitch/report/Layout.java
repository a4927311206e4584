package dev.backstitch.report;

import dev.backstitch.plan.Task;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where the parts of a dag's picture go, in pixels. A task's column is the longest way to it; a group is a part of one
 * row, which it shares with groups of other columns. Between columns there is nothing but arrows, and an arrow that
 * passes columns does so below the boxes of a row, on a track of its own; so none crosses a box. Pure.
 */
final class Layout {
    private static final int PADDING = 12;
    private static final int TITLE = 26;
    private static final int MARGIN = 12;
    private static final int BETWEEN_COLUMNS = 44;
    private static final int BETWEEN_ROWS = 18;
    private static final int BETWEEN_TRACKS = 11;

    /** A task. */
    record Box(Task task, int x, int y, int width, int height) {}

    /** A backfill, around its tasks. */
    record Frame(String name, int x, int y, int width, int height) {}

    /** An edge, with its way as the data of an SVG path. */
    record Line(Arrow arrow, String path) {}

    /** Where arrows pass columns: below a row's boxes, inside its frames or outside. */
    private record Corridor(int row, Inside inside) {}

    private enum Inside {
        FRAME,
        NOTHING
    }

    private record Track(Corridor corridor, int number) {}

    /** Rows of cells; each span gets one in which all of its cells are free. */
    private static final class Rows {
        private final List<BitSet> taken = new ArrayList<>();

        int place(int first, int last, OptionalInt wanted) {
            int row = IntStream.concat(wanted.stream(), IntStream.range(0, taken.size()))
                    .filter(each -> isFree(each, first, last))
                    .findFirst()
                    .orElse(taken.size());
            if (row == taken.size()) {
                taken.add(new BitSet());
            }
            taken.get(row).set(first, last + 1);
            return row;
        }

        private boolean isFree(int row, int first, int last) {
            int next = taken.get(row).nextSetBit(first);
            return next < 0 || next > last;
        }
    }

    private final int[] layers;
    private final int[] rows;
    private final int[] x;
    private final int[] widths;
    private final int[] y;
    private final int boxHeight;
    private final Map<Corridor, Rows> corridors = new HashMap<>();
    private final List<Box> boxes;
    private final List<Frame> frames;
    private final List<Line> lines;
    private final int bottom;

    /**
     * Lays out a dag.
     *
     * @param tasks in topological order, each at the place of its number
     * @param width how wide a task's box is at least
     * @param height how high every box is
     */
    Layout(List<Task> tasks, ToIntFunction<Task> width, int height) {
        boxHeight = height;
        layers = layers(tasks);
        List<Group> groups = Group.of(tasks);
        rows = rows(tasks, groups);
        Map<Arrow, Track> tracks = new LinkedHashMap<>();
        Arrow.of(tasks).forEach(arrow -> track(tasks, arrow, tracks));
        widths = widths(tasks, width);
        x = new int[widths.length];
        for (int column = 0; column < x.length; column++) {
            x[column] = column == 0 ? MARGIN + PADDING : right(column - 1) + BETWEEN_COLUMNS;
        }
        y = new int[IntStream.of(rows).max().orElse(-1) + 1];
        int top = MARGIN;
        for (int row = 0; row < y.length; row++) {
            y[row] = top + TITLE;
            top = frameBottom(row) + tracksOf(new Corridor(row, Inside.NOTHING)) * BETWEEN_TRACKS + BETWEEN_ROWS;
        }
        bottom = top;
        boxes = tasks.stream().map(this::box).toList();
        frames = groups.stream().filter(Group::isBackfill).map(this::frame).toList();
        lines = Arrow.of(tasks).stream()
                .map(arrow -> new Line(arrow, path(arrow, tracks)))
                .toList();
    }

    List<Box> boxes() {
        return boxes;
    }

    List<Frame> frames() {
        return frames;
    }

    List<Line> lines() {
        return lines;
    }

    int width() {
        return x.length == 0 ? 0 : right(x.length - 1) + PADDING + MARGIN;
    }

    /** Where the last row has ended, with some space. */
    int height() {
        return bottom;
    }

    private static int[] layers(List<Task> tasks) {
        int[] layers = new int[tasks.size()];
        for (Task task : tasks) {
            layers[task.number()] = Stream.concat(task.upstream().stream(), task.samePartition().stream())
                    .mapToInt(before -> layers[before] + 1)
                    .max()
                    .orElse(0);
        }
        return layers;
    }

    /** A group goes on in the row of what it waits for, if there is room. */
    private int[] rows(List<Task> tasks, List<Group> groups) {
        int[] found = new int[tasks.size()];
        Rows taken = new Rows();
        for (Group group : groups) {
            Task first = group.tasks().get(0);
            OptionalInt wanted =
                    first.upstream().stream().mapToInt(before -> found[before]).findFirst();
            int row = taken.place(layers[first.number()], lastLayer(group), wanted);
            group.tasks().forEach(task -> found[task.number()] = row);
        }
        return found;
    }

    private int lastLayer(Group group) {
        return group.tasks().stream()
                .mapToInt(task -> layers[task.number()])
                .max()
                .orElseThrow();
    }

    private int[] widths(List<Task> tasks, ToIntFunction<Task> width) {
        int[] found = new int[IntStream.of(layers).max().orElse(-1) + 1];
        for (Task task : tasks) {
            int layer = layers[task.number()];
            found[layer] = Math.max(found[layer], width.applyAsInt(task));
        }
        return found;
    }

    /** Gives an arrow a track, unless it ends in the next column or nothing stands between its ends. */
    private void track(List<Task> tasks, Arrow arrow, Map<Arrow, Track> tracks) {
        int first = layer(arrow.from()) + 1;
        int last = layer(arrow.to()) - 1;
        int from = row(arrow.from());
        int to = row(arrow.to());
        boolean straight = from == to
                && tasks.stream().noneMatch(task -> row(task) == from && layer(task) >= first && layer(task) <= last);
        if (first > last || straight) {
            return;
        }
        boolean within = arrow.from().members().equals(arrow.to().members());
        Corridor corridor = new Corridor(from < to ? to - 1 : to, within ? Inside.FRAME : Inside.NOTHING);
        int number = corridors.computeIfAbsent(corridor, fresh -> new Rows()).place(first, last, OptionalInt.empty());
        tracks.put(arrow, new Track(corridor, number));
    }

    private int tracksOf(Corridor corridor) {
        Rows tracks = corridors.get(corridor);
        return tracks == null ? 0 : tracks.taken.size();
    }

    private int layer(Task task) {
        return layers[task.number()];
    }

    private int row(Task task) {
        return rows[task.number()];
    }

    private int right(int column) {
        return x[column] + widths[column];
    }

    private int frameBottom(int row) {
        return y[row] + boxHeight + PADDING + tracksOf(new Corridor(row, Inside.FRAME)) * BETWEEN_TRACKS;
    }

    private Box box(Task task) {
        return new Box(task, x[layer(task)], y[row(task)], widths[layer(task)], boxHeight);
    }

    private Frame frame(Group group) {
        int left = x[layer(group.tasks().get(0))] - PADDING;
        int row = row(group.tasks().get(0));
        int top = y[row] - TITLE;
        return new Frame(group.name(), left, top, right(lastLayer(group)) + PADDING - left, frameBottom(row) - top);
    }

    private String path(Arrow arrow, Map<Arrow, Track> tracks) {
        int x1 = right(layer(arrow.from()));
        int x2 = x[layer(arrow.to())];
        int y1 = y[row(arrow.from())] + boxHeight / 2;
        int y2 = y[row(arrow.to())] + boxHeight / 2;
        Track track = tracks.get(arrow);
        String begin = "M" + x1 + " " + y1;
        if (track == null) {
            return begin + curve(x1, y1, x2, y2);
        }
        int height = height(track);
        int first = x[layer(arrow.from()) + 1];
        int last = right(layer(arrow.to()) - 1);
        return begin + curve(x1, y1, first, height) + "H" + last + curve(last, height, x2, y2);
    }

    private int height(Track track) {
        int row = track.corridor().row();
        int above = track.corridor().inside() == Inside.FRAME ? y[row] + boxHeight : frameBottom(row);
        return above + (track.number() + 1) * BETWEEN_TRACKS;
    }

    private static String curve(int x1, int y1, int x2, int y2) {
        int middle = (x1 + x2) / 2;
        return y1 == y2 ? "H" + x2 : "C" + middle + " " + y1 + " " + middle + " " + y2 + " " + x2 + " " + y2;
    }
}
