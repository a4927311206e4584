package dev.backstitch.assertj;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import java.util.List;
import java.util.stream.Stream;

/**
 * The columns that the query of a backfill's merge brings, as a test says it: a {@link FakeCatalog} does not read SQL.
 * Immutable; each word returns another one.
 *
 * @param backfill the backfill's name
 * @param columns the columns, in order; two may have one name, as in a careless join
 */
public record FakeQuery(String backfill, List<Column> columns) {
    public FakeQuery {
        requireNonNull(backfill, "backfill");
        columns = List.copyOf(columns);
    }

    /** The query of this backfill, without columns as yet. */
    public static FakeQuery of(String backfill) {
        return new FakeQuery(backfill, List.of());
    }

    /**
     * With a column.
     *
     * @param type as PostgreSQL or DuckDB would spell it; one that is not known fits any other
     */
    public FakeQuery column(String name, String type) {
        return new FakeQuery(
                backfill,
                FakeColumns.append(columns, FakeColumns.column(name, type, Nullability.NULLABLE, Origin.WRITTEN)));
    }

    /** With all columns of a table, as {@code select t.*} brings them. */
    public FakeQuery columnsOf(FakeTable table) {
        return new FakeQuery(
                backfill,
                Stream.concat(columns.stream(), table.columns().stream()).toList());
    }
}
