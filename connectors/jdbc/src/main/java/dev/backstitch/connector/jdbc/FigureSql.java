package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Metric;
import java.math.BigDecimal;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/** Figures as aggregates, each as text, so that decimals keep their digits and what is no number can be told. */
final class FigureSql {
    private FigureSql() {}

    /** @param rows which rows of a group count */
    static QueryPart of(Dialect dialect, Metric metric, QueryPart rows) {
        if (metric.kind() == Metric.Kind.ROW_COUNT) {
            return DSL.sql("cast(count(*) filter (where {0}) as varchar)", rows);
        }
        Field<?> of = RuleSql.expression(dialect, metric.expression());
        return switch (metric.kind()) {
            case SUM -> aggregate("sum({0})", of, rows);
            case MIN -> aggregate("min({0})", of, rows);
            case MAX -> aggregate("max({0})", of, rows);
            case MEAN -> aggregate("avg({0})", of, rows);
            case COUNT_DISTINCT -> aggregate("count(distinct {0})", of, rows);
            case PERCENTILE ->
                DSL.sql(
                        "cast(percentile_cont({2}) within group (order by cast({0} as double precision))"
                                + " filter (where {1}) as varchar)",
                        of, rows, DSL.inline(fraction(metric.percent())));
            case NULL_SHARE ->
                DSL.sql(
                        "cast(100.0 * (count(*) filter (where {1}) - count({0}) filter (where {1}))"
                                + " / nullif(count(*) filter (where {1}), 0) as varchar)",
                        of, rows);
            case ROW_COUNT -> throw new IllegalStateException("answered above");
        };
    }

    private static QueryPart aggregate(String function, Field<?> of, QueryPart rows) {
        return DSL.sql("cast(" + function + " filter (where {1}) as varchar)", of, rows);
    }

    private static BigDecimal fraction(BigDecimal percent) {
        return percent.movePointLeft(2);
    }
}
