package dev.backstitch.assertj;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Dependent.Fate;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A table, or a view, that a {@link FakeCatalog} holds: what a test says of it. Immutable; each word returns another one.
 *
 * @param name its name; one without a schema lies in {@code main}
 * @param kind what it is
 * @param columns its columns, in order
 * @param keys column sets that the database keeps unique
 * @param rows the catalogue's estimate
 * @param reads the tables that a view reads, on which it depends
 * @param dependents what else hangs on it
 * @param activeRun a run that is active on it
 */
public record FakeTable(
        TableName name,
        TableInfo.Kind kind,
        List<Column> columns,
        List<List<String>> keys,
        long rows,
        List<TableName> reads,
        List<Dependent> dependents,
        Optional<String> activeRun) {
    private static final String SCHEMA = "main";

    /** @throws IllegalArgumentException when a column is said twice, a key's column not at all, or rows are negative */
    public FakeTable {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        columns = List.copyOf(columns);
        keys = keys.stream().map(List::copyOf).toList();
        reads = List.copyOf(reads);
        dependents = List.copyOf(dependents);
        requireNonNull(activeRun, "activeRun");
        FakeColumns.requireOnce(name.toString(), columns);
        for (String column : keys.stream().flatMap(List::stream).toList()) {
            if (columns.stream().map(Column::name).noneMatch(column::equalsIgnoreCase)) {
                throw new IllegalArgumentException(
                        name + " has no column " + column + " for its key; declare it before: " + columns);
            }
        }
        if (rows < 0) {
            throw new IllegalArgumentException("rows are at least 0: " + rows);
        }
    }

    /** A table without columns as yet, split at dots: {@code analytics.flights}. */
    public static FakeTable of(String dotted) {
        return of(TableName.parse(dotted));
    }

    /** A table without columns as yet. */
    public static FakeTable of(TableName name) {
        return new FakeTable(
                name, TableInfo.Kind.TABLE, List.of(), List.of(), 0, List.of(), List.of(), Optional.empty());
    }

    /**
     * A view without columns as yet. Either way of publishing preserves it, as DuckDB does; where the database in use does
     * not, say {@link #lostBySwap} of the table.
     *
     * @param reads the tables that it reads
     */
    public static FakeTable view(String dotted, String... reads) {
        return new FakeTable(
                TableName.parse(dotted),
                TableInfo.Kind.VIEW,
                List.of(),
                List.of(),
                0,
                List.of(reads).stream().map(TableName::parse).toList(),
                List.of(),
                Optional.empty());
    }

    /**
     * With a column that takes nulls.
     *
     * @param type as PostgreSQL or DuckDB would spell it, such as {@code varchar(12)}; one that is not known fits any other
     */
    public FakeTable column(String column, String type) {
        return with(FakeColumns.column(column, type, Nullability.NULLABLE, Origin.WRITTEN));
    }

    /** With a column that takes no nulls. */
    public FakeTable notNull(String column, String type) {
        return with(FakeColumns.column(column, type, Nullability.NOT_NULL, Origin.WRITTEN));
    }

    /** With a column that the database computes. */
    public FakeTable generated(String column, String type) {
        return with(FakeColumns.column(column, type, Nullability.NULLABLE, Origin.GENERATED));
    }

    private FakeTable with(Column column) {
        return new FakeTable(name, kind, FakeColumns.append(columns, column), keys, rows, reads, dependents, activeRun);
    }

    /** With a key that the database itself keeps unique, over columns said before. */
    public FakeTable uniqueBy(String first, String... more) {
        return new FakeTable(
                name,
                kind,
                columns,
                FakeColumns.append(keys, FakeColumns.append(first, more)),
                rows,
                reads,
                dependents,
                activeRun);
    }

    /** With about so many rows; 0 unless said. */
    public FakeTable rows(long estimate) {
        return new FakeTable(name, kind, columns, keys, estimate, reads, dependents, activeRun);
    }

    /**
     * With something that only {@code replacePartitions()} preserves.
     *
     * @param what what it is, such as {@code trigger}
     */
    public FakeTable lostBySwap(String what, String itsName) {
        return with(new Dependent(what, itsName, Fate.REFUSED, Fate.PRESERVED, "the test says that a swap loses it"));
    }

    /**
     * With something that no publish preserves.
     *
     * @param what what it is, such as {@code foreign key from another table}
     */
    public FakeTable lostByAnyPublish(String what, String itsName) {
        return with(
                new Dependent(what, itsName, Fate.REFUSED, Fate.REFUSED, "the test says that every publish loses it"));
    }

    private FakeTable with(Dependent dependent) {
        return new FakeTable(
                name, kind, columns, keys, rows, reads, FakeColumns.append(dependents, dependent), activeRun);
    }

    /** With a run that is active on it, so that no other may begin. */
    public FakeTable busyWith(String run) {
        return new FakeTable(name, kind, columns, keys, rows, reads, dependents, Optional.of(run));
    }

    ResolvedTable resolved() {
        List<String> parts = name.parts();
        return new ResolvedTable(
                parts.size() == 3 ? parts.get(0) : "",
                parts.size() == 1 ? SCHEMA : parts.get(parts.size() - 2),
                name.table());
    }

    /** Whether that is a name of this table, upper and lower case being the same. */
    boolean isCalled(TableName other) {
        return folded(resolved()).equals(folded(of(other).resolved()));
    }

    private static List<String> folded(ResolvedTable table) {
        return table.parts().map(part -> part.toLowerCase(Locale.ROOT)).toList();
    }

    TableInfo info() {
        return new TableInfo(resolved(), "fake " + resolved(), kind, columns, keys, rows, "fake " + columns + keys);
    }
}
