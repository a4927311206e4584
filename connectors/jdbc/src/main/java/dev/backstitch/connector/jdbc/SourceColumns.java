package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A query's columns matched by name with those that a merge needs: by the exact name, else by one that differs in case.
 *
 * @param labels the query's label for each written column, by the column's name
 * @param extra the columns that only tell which row counts and that the target lacks, in the order in which they do
 */
record SourceColumns(Map<String, String> labels, List<QueryColumn> extra) {
    SourceColumns {
        labels = Map.copyOf(labels);
        extra = List.copyOf(extra);
    }

    /**
     * Matches them.
     *
     * @throws BackstitchException with {@code SOURCE_COLUMNS} when one is missing, too many, or there twice
     */
    static SourceColumns match(Session session, WorkOrder order, List<QueryColumn> found) {
        Map<String, String> labels = new HashMap<>();
        List<QueryColumn> surplus = new ArrayList<>(found);
        List<String> wrong = new ArrayList<>();
        for (Column column : order.sourceColumns()) {
            List<QueryColumn> candidates = candidates(found, column.name());
            if (candidates.isEmpty()) {
                wrong.add(column.name() + " is missing");
            } else if (candidates.size() > 1) {
                wrong.add(column.name() + " is there " + candidates.size() + " times");
            } else {
                labels.put(column.name(), candidates.get(0).name());
            }
            surplus.removeAll(candidates);
        }
        List<QueryColumn> extra = order.merge().dedupe().map(Dedupe::by).orElse(List.of()).stream()
                .filter(name -> named(order.sourceColumns(), name).isEmpty())
                .map(name -> candidates(surplus, name))
                .filter(candidates -> candidates.size() == 1)
                .map(candidates -> candidates.get(0))
                .toList();
        surplus.removeAll(extra);
        surplus.forEach(column -> wrong.add(column.name()
                + (order.merge().stampedColumns().stream().anyMatch(column.name()::equalsIgnoreCase)
                        ? " is set by stamping(..)"
                        : " is none of the target's columns")));
        if (!wrong.isEmpty()) {
            throw new BackstitchException(
                    ErrorCode.SOURCE_COLUMNS,
                    session.what() + " failed: expected the source's columns to be "
                            + order.sourceColumns().stream().map(Column::name).toList() + ", in any order, found that "
                            + String.join(", ", wrong) + ". Nothing of this partition was written, the target is"
                            + " unchanged. Name each column once in the SELECT, or plan again if the table changed.");
        }
        return new SourceColumns(labels, extra);
    }

    /** The column that a developer meant: the one of exactly this name, else one that differs only in case. */
    static Optional<Column> named(List<Column> columns, String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .or(() -> columns.stream()
                        .filter(column -> column.name().equalsIgnoreCase(name))
                        .findFirst());
    }

    String labelOf(Column column) {
        String label = labels.get(column.name());
        if (label == null) {
            throw new IllegalArgumentException("no column " + column.name() + " was matched");
        }
        return label;
    }

    private static List<QueryColumn> candidates(List<QueryColumn> found, String name) {
        List<QueryColumn> exact =
                found.stream().filter(column -> column.name().equals(name)).toList();
        return exact.isEmpty()
                ? found.stream()
                        .filter(column -> column.name().equalsIgnoreCase(name))
                        .toList()
                : exact;
    }
}
