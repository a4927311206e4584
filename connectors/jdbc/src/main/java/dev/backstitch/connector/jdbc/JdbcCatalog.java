package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.QueryPart;

/** What the catalogues of all databases share. Thread-safe. */
public abstract class JdbcCatalog implements Catalog {
    private static final Duration ESTIMATED_WITHIN = Duration.ofSeconds(2);

    protected final Database database;

    protected JdbcCatalog(Database database) {
        this.database = database;
    }

    /** The kind of a type that {@link #normalType} spelt. */
    protected abstract Column.Family familyOf(String type);

    @Override
    public List<Column> columnsOf(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        BoundSql bound = new UserSql(database.dialect()).bound(query, sample, partitionColumns);
        try {
            return database
                    .read("look at the source's columns", Interrupt.never(), session -> session.columns(bound))
                    .stream()
                    .map(column -> new Column(
                            column.name(),
                            column.type(),
                            familyOf(column.type()),
                            Nullability.NULLABLE,
                            Origin.WRITTEN))
                    .toList();
        } catch (BackstitchException e) {
            throw e.getCause() instanceof SQLException refused ? inItsOwnWords(e, refused) : e;
        }
    }

    private BackstitchException inItsOwnWords(BackstitchException e, SQLException refused) {
        return switch (e.code()) {
            case STATEMENT_REFUSED ->
                new BackstitchException(
                        ErrorCode.SOURCE_INVALID, database.dialect().words(refused), e);
            case PRIVILEGE_MISSING ->
                new BackstitchException(
                        ErrorCode.PRIVILEGE_MISSING, database.dialect().words(refused), e);
            default -> e;
        };
    }

    /**
     * What a query reads through.
     *
     * @param query without parameters
     * @throws BackstitchException with {@code STATEMENT_REFUSED} where this database cannot tell
     */
    protected abstract Reads readThrough(Session session, BoundSql query);

    @Override
    public Optional<Reads> reads(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        BoundSql typed = new UserSql(database.dialect()).typed(query, sample, partitionColumns);
        try {
            return Optional.of(database.read(
                    "look at what the source reads through",
                    Interrupt.never(),
                    session -> readThrough(session, typed)));
        } catch (BackstitchException e) {
            if (e.code() == ErrorCode.STATEMENT_REFUSED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Map<String, LiveRows> liveRows(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Duration within) {
        LiveRowsQuery query = new LiveRowsQuery(database, partitionColumns, partitions);
        return LiveRowsQuery.unlessLate(() -> query.count(target.name(), Interrupt.after(within)))
                .or(() -> LiveRowsQuery.unlessLate(
                        () -> estimated(target, partitionColumns, partitions, Interrupt.after(ESTIMATED_WITHIN))))
                .orElse(Map.of());
    }

    /** What the database's statistics say of partitions whose rows take too long to count; nothing by default. */
    protected Map<String, LiveRows> estimated(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Interrupt interrupt) {
        return Map.of();
    }

    @Override
    public List<String> mergeStatements(WorkOrder order, Partition partition) {
        MergeSql sql = new MergeSql(database.dialect(), order, partition);
        return database.read("rendering of the merge", Interrupt.never(), session -> {
            BoundSql source = sql.source();
            SourceColumns columns = SourceColumns.match(session, order, session.columns(source));
            List<QueryPart> own =
                    new ArrayList<>(List.of(sql.createStage(columns), sql.checkStage(), sql.classify(), sql.merge()));
            if (order.merge().deletingMissing().isPresent()) {
                own.add(sql.deleteMissing());
            }
            List<String> statements =
                    new ArrayList<>(own.stream().map(session::readable).toList());
            statements.add(
                    1,
                    new MergeStatements(session, sql, new MergeStatements.Texts())
                            .fill(source, columns)
                            .text());
            return statements;
        });
    }
}
