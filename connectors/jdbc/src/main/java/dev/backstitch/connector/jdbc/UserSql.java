package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.PartitionBinds;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** SQL of the user's as a driver takes it: text passed on as it is, values bound and never spliced. */
final class UserSql {
    private final Dialect dialect;

    UserSql(Dialect dialect) {
        this.dialect = dialect;
    }

    /** A query with a partition's values bound, typed by the partition columns. */
    BoundSql bound(SqlTemplate query, Partition partition, List<Column> partitionColumns) {
        return bound(query, partition, partitionColumns, marker -> marker);
    }

    private BoundSql bound(
            SqlTemplate query, Partition partition, List<Column> partitionColumns, UnaryOperator<String> shown) {
        Map<String, PartitionBinds.Bound> values = PartitionBinds.of(partition);
        List<@Nullable Object> binds = new ArrayList<>();
        String text = text(query, bind -> {
            PartitionBinds.Bound value = values.get(bind.name());
            if (value == null) {
                throw new IllegalArgumentException("no bind is called :" + bind.name());
            }
            Column column = SourceColumns.named(partitionColumns, value.column())
                    .orElseThrow(() -> new IllegalArgumentException("no partition column is called " + value.column()));
            Object bound = dialect.bound(value.value(), column);
            binds.add(bound);
            return shown.apply(dialect.marker(bound, column));
        });
        return new BoundSql(text, binds);
    }

    /** A query with a null of the right type in place of each of a partition's values: for the catalogue, not to be run. */
    BoundSql typed(SqlTemplate query, Partition partition, List<Column> partitionColumns) {
        String text = bound(query, partition, partitionColumns, marker -> marker.replace("?", "null"))
                .text();
        return new BoundSql(text, List.of());
    }

    /** A query in which names stand for tables. */
    BoundSql over(SqlTemplate query, Map<String, String> tables) {
        String text = text(query, bind -> {
            String table = tables.get(bind.name());
            if (table == null) {
                throw new IllegalArgumentException("no table is called :" + bind.name());
            }
            return table;
        });
        return new BoundSql(text, List.of());
    }

    private String text(SqlTemplate query, Function<SqlTemplate.Bind, String> bind) {
        StringBuilder text = new StringBuilder();
        for (SqlTemplate.Piece piece : query.pieces()) {
            if (piece instanceof SqlTemplate.Text words) {
                text.append(words.text());
            } else if (piece instanceof SqlTemplate.Bind name) {
                text.append(bind.apply(name));
            } else {
                text.append(dialect.questionMark());
            }
        }
        return text.toString();
    }
}
