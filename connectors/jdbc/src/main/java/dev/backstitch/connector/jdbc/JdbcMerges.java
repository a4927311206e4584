package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.Database.Frame;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jooq.impl.DSL;

/** Merges, one transaction each. Thread-safe. */
final class JdbcMerges implements Merges {
    /** Backfills whose common part is kept; with more at a time it is made anew now and then. */
    private static final int MOST_KNOWN = 64;

    private final Database database;
    private final Entries entries;
    private final ConcurrentMap<String, Matched> known = new ConcurrentHashMap<>();

    /**
     * What an order's merges share: the columns of its source, since to describe it takes a database as long as a small
     * statement does, and the statements' texts.
     */
    private record Matched(WorkOrder order, SourceColumns columns, MergeStatements.Texts texts) {
        Matched(WorkOrder order, SourceColumns columns) {
            this(order, columns, new MergeStatements.Texts());
        }
    }

    JdbcMerges(Database database, LedgerTables ledger) {
        this.database = database;
        this.entries = new Entries(ledger);
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt) {
        return merge(order, partition, List.of(), interrupt);
    }

    /**
     * The same.
     *
     * @param settings statements with which its transaction begins, and which end with it
     */
    MergeCounts merge(WorkOrder order, Partition partition, List<String> settings, Interrupt interrupt) {
        String key = key(order);
        Optional<Matched> matched = Optional.ofNullable(known.get(key))
                .filter(before -> before.order().equals(order));
        if (matched.isPresent()) {
            try {
                return merge(order, partition, settings, interrupt, matched);
            } catch (BackstitchException e) {
                // The source may have other columns by now. If it has, it is matched anew; else its query must not run
                // a second time for the same refusal.
                if (e.code() != ErrorCode.STATEMENT_REFUSED
                        || columns(order, partition, interrupt)
                                .equals(matched.get().columns())) {
                    throw e;
                }
                known.remove(key);
            }
        }
        return merge(order, partition, settings, interrupt, Optional.empty());
    }

    private MergeCounts merge(
            WorkOrder order,
            Partition partition,
            List<String> settings,
            Interrupt interrupt,
            Optional<Matched> before) {
        MergeSql sql = new MergeSql(database.dialect(), order, partition);
        BoundSql source = sql.source();
        return database.write(what(order, partition), order, interrupt, stage(order, sql, before), session -> {
            settings.forEach(each -> session.update(DSL.query(each)));
            Matched matched = matched(session, order, source, before);
            MergeStatements statements = new MergeStatements(session, sql, matched.texts());
            return new MergePartition(session, database.dialect(), entries, order, partition, sql, statements)
                    .run(source, matched.columns());
        });
    }

    /** Where DDL commits, the stage is made before the transaction, and dropped when it is over. */
    private Frame stage(WorkOrder order, MergeSql sql, Optional<Matched> before) {
        return new Frame(
                session -> {
                    Matched matched = matched(session, order, sql.source(), before);
                    return session.update(
                            new MergeStatements(session, sql, matched.texts()).createStage(matched.columns()));
                },
                session -> session.update(sql.dropStage()));
    }

    private Matched matched(Session session, WorkOrder order, BoundSql source, Optional<Matched> before) {
        return before.or(() -> Optional.ofNullable(known.get(key(order)))
                        .filter(kept -> kept.order().equals(order)))
                .orElseGet(
                        () -> keep(new Matched(order, SourceColumns.match(session, order, session.columns(source)))));
    }

    private SourceColumns columns(WorkOrder order, Partition partition, Interrupt interrupt) {
        BoundSql source = new MergeSql(database.dialect(), order, partition).source();
        return database.read(
                what(order, partition),
                interrupt,
                session -> SourceColumns.match(session, order, session.columns(source)));
    }

    private static String what(WorkOrder order, Partition partition) {
        return "merge of partition " + partition.id() + " of " + order.target().name() + " (run " + order.run() + ")";
    }

    private Matched keep(Matched matched) {
        if (known.size() >= MOST_KNOWN) {
            known.clear();
        }
        known.put(key(matched.order()), matched);
        return matched;
    }

    private static String key(WorkOrder order) {
        return order.run() + "/" + order.backfill();
    }
}
