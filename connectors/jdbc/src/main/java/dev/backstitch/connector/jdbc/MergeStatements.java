package dev.backstitch.connector.jdbc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jooq.QueryPart;
import org.jspecify.annotations.Nullable;

/**
 * {@link MergeSql} as the driver takes it. Partitions differ in their values alone, and these are bound: what every merge
 * sends is rendered for the first of them, and for the others only bound anew.
 */
final class MergeStatements {
    private final Session session;
    private final MergeSql sql;
    private final Texts texts;

    /**
     * What was rendered for one work order. Thread-safe.
     *
     * <p>The key is a statement's name with the types of the partition's values, since the text tells these.
     */
    static final class Texts {
        private final ConcurrentMap<String, Text> known = new ConcurrentHashMap<>();
    }

    /** @param times how often the partition's values are bound, one after the other */
    private record Text(String text, int times) {}

    MergeStatements(Session session, MergeSql sql, Texts texts) {
        this.session = session;
        this.sql = sql;
        this.texts = texts;
    }

    BoundSql createStage(SourceColumns source) {
        return once("create the stage", () -> sql.createStage(source));
    }

    BoundSql fill(BoundSql query, SourceColumns source) {
        BoundSql head = once("fill the stage", () -> sql.fillHead(source));
        BoundSql tail = once("as a source", sql::fillTail);
        // The line break ends a comment on the last line of the user's query.
        return new BoundSql(head.text() + query.text() + "\n" + tail.text(), query.binds());
    }

    BoundSql checkStage() {
        return once("check the stage", sql::checkStage);
    }

    BoundSql classify() {
        return once("classify", sql::classify);
    }

    BoundSql merge() {
        return once("merge", sql::merge);
    }

    BoundSql deleteMissing() {
        return once("delete missing", sql::deleteMissing);
    }

    BoundSql countMissing() {
        return once("count missing", sql::countMissing);
    }

    BoundSql countShadow() {
        return once("count shadow", sql::countShadow);
    }

    BoundSql countTarget() {
        return once("count target", sql::countTarget);
    }

    BoundSql dropStage() {
        return once("drop the stage", sql::dropStage);
    }

    private BoundSql once(String name, Supplier<QueryPart> statement) {
        List<Object> values = sql.partitionValues();
        Text text = texts.known.computeIfAbsent(
                name + " " + sql.partitionTypes(), key -> rendered(statement.get(), values));
        List<@Nullable Object> binds = new ArrayList<>();
        for (int i = 0; i < text.times(); i++) {
            binds.addAll(values);
        }
        return new BoundSql(text.text(), binds);
    }

    private Text rendered(QueryPart statement, List<Object> values) {
        BoundSql sql = session.rendered(statement);
        int times = sql.binds().size() / values.size();
        if (!sql.binds()
                .equals(Collections.nCopies(times, values).stream()
                        .flatMap(List::stream)
                        .toList())) {
            throw new IllegalStateException("not only a partition's values are bound: " + sql);
        }
        return new Text(sql.text(), times);
    }
}
