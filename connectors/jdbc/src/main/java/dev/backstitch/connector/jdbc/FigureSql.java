package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Metric;
import java.math.BigDecimal;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/** Figures as aggregates, each as text, so that decimals keep their digits and what is no number can be told. */
final class FigureSql {
    private FigureSql() {}

    /** @param rows which rows of a group count */
    static QueryPart of(Dialect dialect, Metric metric, QueryPart rows) {
        if (metric.kind() == Metric.Kind.ROW_COUNT) {
            return DSL.sql("cast(count(case when {0} then 1 end) as varchar)", rows);
        }
        QueryPart counted =
                DSL.sql("case when {0} then {1} end", rows, RuleSql.expression(dialect, metric.expression()));
        return switch (metric.kind()) {
            case SUM -> aggregate("sum({0})", counted);
            case MIN -> aggregate("min({0})", counted);
            case MAX -> aggregate("max({0})", counted);
            case MEAN -> aggregate("avg({0})", counted);
            case COUNT_DISTINCT -> aggregate("count(distinct {0})", counted);
            case PERCENTILE ->
                aggregate(
                        "percentile_cont({1}) within group (order by cast({0} as double precision))",
                        counted, DSL.inline(fraction(metric.percent())));
            case NULL_SHARE ->
                aggregate(
                        "100.0 * (count(case when {1} then 1 end) - count({0}))"
                                + " / nullif(count(case when {1} then 1 end), 0)",
                        counted, rows);
            case ROW_COUNT -> throw new IllegalStateException("answered above");
        };
    }

    private static QueryPart aggregate(String function, QueryPart... of) {
        return DSL.sql("cast(" + function + " as varchar)", of);
    }

    private static BigDecimal fraction(BigDecimal percent) {
        return percent.movePointLeft(2);
    }
}
