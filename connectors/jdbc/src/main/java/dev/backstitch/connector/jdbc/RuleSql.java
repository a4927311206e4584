package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Rule;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Column;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** Rules as conditions of the rows that break them. Null, and with it not true, for a row of which it isn't known. */
final class RuleSql {
    private RuleSql() {}

    /** @param columns the shadow's column that a developer called so */
    static Condition breaks(Dialect dialect, Rule rule, Function<String, Column> columns) {
        if (rule instanceof Rule.Satisfies satisfies) {
            return DSL.condition("not ({0})", expression(dialect, satisfies.condition()));
        }
        Column column = typed(columns.apply(rule.column().orElseThrow()));
        Field<?> value = DSL.field(DSL.name(column.name()));
        if (rule instanceof Rule.Accepted accepted) {
            return DSL.condition(
                    "not ({0} in ({1}))",
                    value,
                    DSL.list(accepted.values().stream()
                            .map(text -> dialect.literal(text, column))
                            .toList()));
        }
        if (rule instanceof Rule.InRange range) {
            return DSL.condition(
                    "not ({0} >= {1} and {0} <= {2})", value, DSL.inline(range.least()), DSL.inline(range.greatest()));
        }
        return DSL.not(dialect.matches(value, ((Rule.Matches) rule).pattern()));
    }

    /** A developer's expression as it is, in one piece. */
    static Field<?> expression(Dialect dialect, String sql) {
        return DSL.field(DSL.raw(
                new UserSql(dialect).over(SqlTemplate.parse(sql), Map.of()).text()));
    }

    /** An added column's type is known by its name alone; what is text must not be cut to the column's length. */
    private static Column typed(Column column) {
        String type = column.type().toLowerCase(Locale.ROOT);
        boolean text = type.startsWith("varchar")
                || type.startsWith("text")
                || type.startsWith("char")
                || type.startsWith("string");
        return text && column.family() == Column.Family.OTHER
                ? new Column(column.name(), column.type(), Column.Family.TEXT, column.nullability(), column.origin())
                : column;
    }
}
