package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Merge.AtMost;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Merge.Emptiness;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.QueryPart;

/** One merge, in its transaction, from the user's query to the checkpoint. Used once. */
final class MergePartition {
    private static final int AFTER_MATCHES = 5;

    private final Session session;
    private final Dialect dialect;
    private final Entries entries;
    private final WorkOrder order;
    private final Partition partition;
    private final MergeSql sql;
    private final MergeStatements statements;
    private final Movers movers;

    MergePartition(
            Session session,
            Dialect dialect,
            Entries entries,
            WorkOrder order,
            Partition partition,
            MergeSql sql,
            MergeStatements statements) {
        this.session = session;
        this.dialect = dialect;
        this.entries = entries;
        this.order = order;
        this.partition = partition;
        this.sql = sql;
        this.statements = statements;
        this.movers = new Movers(session, entries, order, sql);
    }

    MergeCounts run(BoundSql source, SourceColumns columns) {
        long writes = isOfStatements() ? entries.writes(session, order, partition) : 0;
        long staged = stage(source, columns);
        long deduped = requireKeysAndPlace(staged);
        Matches matches = classify(staged - deduped);
        write(matches);
        long deleted = deleteMissing();
        long rowsAfter = requireNotEmptied();
        MergeCounts counts = new MergeCounts(
                staged,
                deduped,
                matches.inserts(),
                matches.updates(),
                matches.unchanged(),
                deleted,
                rowsAfter,
                matches.changed());
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            session.update(statements.dropStage());
        }
        if (isOfStatements()) {
            entries.merged(session, order, partition, counts, writes);
        } else {
            entries.merged(session, order, partition, counts);
        }
        return counts;
    }

    private boolean isOfStatements() {
        return dialect.isolation() == Dialect.Isolation.STATEMENT;
    }

    /** Reads the source, once; the number of its rows. */
    private long stage(BoundSql source, SourceColumns columns) {
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            session.update(statements.createStage(columns));
        }
        long staged = session.update(statements.fill(source, columns));
        dialect.staged(session, sql.stage());
        return staged;
    }

    private record Check(long rows, long nullKeys, long outside, String least, String greatest, long keys) {}

    /** Refuses what no merge could place; the number of rows that lost to another one with their key. */
    private long requireKeysAndPlace(long staged) {
        Check check = session.one(
                statements.checkStage(),
                row -> new Check(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        String.valueOf(row.getString(4)),
                        String.valueOf(row.getString(5)),
                        row.getLong(6)));
        if (check.rows() != staged) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    failed("the source gave " + staged + " rows and the stage holds " + check.rows()) + "Retry.");
        }
        if (check.nullKeys() > 0) {
            throw refused(
                    ErrorCode.NULL_KEY,
                    "expected a key " + order.merge().key() + " in every source row, found " + check.nullKeys() + " of "
                            + staged + " rows with a null in it",
                    "A null key matches nothing, so that every rerun would insert the row again. Filter such rows out,"
                            + " or choose another key.");
        }
        if (check.outside() > 0) {
            throw refused(
                    ErrorCode.ROW_OUTSIDE_PARTITION,
                    "expected every source row within " + partition.slice()
                            + ", found " + check.outside() + " of " + staged + " rows outside it or null (from "
                            + check.least() + " to " + check.greatest() + ")",
                    "Limit the query by the partition's binds on what becomes "
                            + order.partitionColumns().stream()
                                    .map(Column::name)
                                    .collect(Collectors.joining(" and "))
                            + ".");
        }
        return check.keys() == staged ? 0 : dedupe(staged - check.keys());
    }

    private long dedupe(long surplus) {
        Optional<Dedupe> rule = order.merge().dedupe();
        if (rule.isEmpty()) {
            throw refused(
                    ErrorCode.DUPLICATE_KEY,
                    "expected one source row a key " + order.merge().key() + ", found " + surplus
                            + " rows more than keys, such as for " + exampleKeys(),
                    "Make the query give one row a key, or declare which counts: dedupe(keepLatestBy(..)).");
        }
        if (rule.get().by().isEmpty()) {
            requireIdenticalRows();
        } else {
            requireNoTies(rule.get());
        }
        long deleted = session.update(rule.get().by().isEmpty() ? sql.keepAny() : sql.keepOne(rule.get()));
        if (deleted != surplus) {
            throw conflict("the dedupe removed " + deleted + " rows where " + surplus + " were surplus");
        }
        return deleted;
    }

    private void requireNoTies(Dedupe rule) {
        String end = rule.end().name().toLowerCase(Locale.ROOT);
        long ties = session.number(sql.countTies(rule));
        if (ties > 0) {
            throw refused(
                    ErrorCode.AMBIGUOUS_DEDUPE,
                    "expected one " + end + " row a key by " + String.join(", then ", rule.by()) + ", found " + ties
                            + " keys whose " + end + " rows are equally "
                            + (rule.end() == Dedupe.End.FIRST ? "early" : "late"),
                    "Dedupe by a further column that tells them apart, or make the query give one row a key.");
        }
    }

    private void requireIdenticalRows() {
        String others = keys(sql.keysOfOtherContents());
        if (!others.isEmpty()) {
            throw refused(
                    ErrorCode.DUPLICATE_KEY,
                    "expected source rows with one key " + order.merge().key()
                            + " to be equal in every column, found that they differ, such as for " + others,
                    "Make the query give one row a key, or declare which counts: dedupe(keepLatestBy(..)).");
        }
    }

    private String exampleKeys() {
        return keys(sql.duplicateKeys());
    }

    private String keys(QueryPart query) {
        int width = order.merge().key().size();
        return session
                .list(query, row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= width; i++) {
                        values.add(row.getString(i));
                    }
                    return String.join("/", values);
                })
                .stream()
                .collect(Collectors.joining(", "));
    }

    private record Matches(long inserts, long updates, long unchanged, long movers, Map<String, Long> changed) {
        long all() {
            return inserts + updates + unchanged;
        }

        Matches withoutInserts() {
            return new Matches(0, updates, unchanged + inserts, movers, changed);
        }
    }

    /** What the merge is going to do, from one join of stage and shadow. */
    private Matches classify(long rows) {
        Matches matches = session.one(
                statements.classify(),
                row -> new Matches(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), changed(row)));
        if (matches.all() != rows) {
            throw refused(
                    ErrorCode.DUPLICATE_KEY,
                    "expected each of the source's " + rows + " keys "
                            + order.merge().key() + " at most once in the shadow, found " + (matches.all() - rows)
                            + " matches too many",
                    "The target itself holds rows with equal keys. Remove them there, or choose a key that is unique.");
        }
        if (matches.movers() > 0) {
            movers.admit(matches.movers());
        }
        return order.merge().write().rows() == Write.Rows.UPDATE_ONLY ? matches.withoutInserts() : matches;
    }

    private Map<String, Long> changed(ResultSet row) throws SQLException {
        Map<String, Long> changed = new HashMap<>();
        List<Column> columns = sql.countedColumns();
        for (int i = 0; i < columns.size(); i++) {
            long rows = row.getLong(AFTER_MATCHES + i);
            if (rows > 0) {
                changed.put(columns.get(i).name(), rows);
            }
        }
        return changed;
    }

    private void write(Matches matches) {
        long expected = matches.inserts() + matches.updates();
        if (expected == 0) {
            return;
        }
        if (matches.movers() > 0) {
            // A row that is moved by an update could be deleted at the same time by the merge of the partition that it
            // leaves, and DuckDB would not notice; two deletes it notices. The merge then inserts the row anew.
            long removed = session.update(sql.deleteMovers());
            if (removed != matches.movers()) {
                throw conflict(
                        "the removal of moving rows deleted " + removed + " where " + matches.movers() + " move");
            }
        }
        long written = session.update(statements.merge());
        if (written != expected) {
            throw conflict("the merge wrote " + written + " rows where " + expected + " differed");
        }
    }

    private long deleteMissing() {
        Optional<AtMost> bound = order.merge().deletingMissing();
        if (bound.isEmpty()) {
            return 0;
        }
        // An empty shadow has nothing to delete: what vanishes is what the live partition has and the source lacks.
        long vanishing = order.seed().seed() == Seed.EMPTY
                ? session.number(statements.countMissing())
                : session.update(statements.deleteMissing());
        if (vanishing == 0) {
            return 0;
        }
        long live = session.number(statements.countTarget());
        BigDecimal percent = bound.get().percent();
        if (BigDecimal.valueOf(vanishing).movePointRight(2).compareTo(percent.multiply(BigDecimal.valueOf(live))) > 0) {
            throw refused(
                    ErrorCode.TOO_MANY_DELETES,
                    "expected the source to lack at most " + percent.toPlainString() + "% of the " + live
                            + " live rows of this partition, found that it lacks " + vanishing,
                    "Check that the source is complete for this partition; if so, raise deletingMissing(atMost(..)).");
        }
        return vanishing;
    }

    /** The partition's rows in the shadow; none is refused where the live table has some. */
    private long requireNotEmptied() {
        long rows = session.number(statements.countShadow());
        if (rows == 0 && order.merge().empty() == Emptiness.REFUSED) {
            long live = session.number(statements.countTarget());
            if (live > 0) {
                throw refused(
                        ErrorCode.EMPTY_PARTITION,
                        "expected rows, since the live table has " + live + " in this partition, found that none would"
                                + " remain",
                        "Check that the source is complete for this partition; if it may be empty, say allowingEmpty().");
            }
        }
        return rows;
    }

    private BackstitchException refused(ErrorCode code, String expectedAndFound, String fix) {
        return refused(session, code, expectedAndFound, fix);
    }

    static BackstitchException refused(Session session, ErrorCode code, String expectedAndFound, String fix) {
        return new BackstitchException(code, failed(session, expectedAndFound) + fix);
    }

    private BackstitchException conflict(String found) {
        return new BackstitchException(
                ErrorCode.CONFLICT, failed(found + "; somebody else writes the shadow") + "It is tried again.");
    }

    private String failed(String why) {
        return failed(session, why);
    }

    private static String failed(Session session, String why) {
        return session.what() + " failed: " + why
                + ". Nothing of this partition was written, the target is unchanged. ";
    }
}
