package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;

import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Calendar.Unit;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** The words that a scope begins with; a part of {@link Dsl}. */
class ScopeWords {
    ScopeWords() {}

    /**
     * Begins a scope of hours.
     *
     * @param column the column of the target by which it is divided, a timestamp
     */
    public static CalendarStep hours(String column) {
        return periods(column, Unit.HOURS);
    }

    /**
     * Begins a scope of days.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static DaysStep days(String column) {
        return periods(column, Unit.DAYS);
    }

    /**
     * Begins a scope of weeks, from Monday, as in ISO 8601.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static CalendarStep weeks(String column) {
        return periods(column, Unit.WEEKS);
    }

    /**
     * Begins a scope of months.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static CalendarStep months(String column) {
        return periods(column, Unit.MONTHS);
    }

    private static DaysStep periods(String column, Unit unit) {
        return new ScopeStages.Periods(new Calendar(column, unit, Optional.empty()));
    }

    /**
     * What is published of a table, as the ledger beside it knows: {@code days("day").since(watermark("app.orders"))}.
     *
     * @param dotted the name of the table, or of the view that is repointed, as for {@link Dsl#table(String)}
     */
    public static TableName watermark(String dotted) {
        return Dsl.table(dotted);
    }

    /** Like {@link #watermark(String)}, for a name with a dot in a part. */
    public static TableName watermark(TableName table) {
        return table;
    }

    /**
     * A partition a value, such as {@code values("region", "eu", "us")}.
     *
     * @param column the column of the target by which it is divided, of whatever type
     * @param first a value as text, as the database reads it for that type
     * @param rest further values
     */
    public static Scope values(String column, String first, String... rest) {
        return new Scope.Values(column, atLeastOne(first, rest));
    }

    /** A partition a number, such as {@code values("store", 17, 18)}. */
    public static Scope values(String column, long first, long... rest) {
        return new Scope.Values(
                column,
                LongStream.concat(LongStream.of(first), LongStream.of(rest))
                        .mapToObj(Long::toString)
                        .toList());
    }

    /**
     * Begins a scope of whole numbers, such as {@code ids("order_id").from(1).to(1_000_001).step(100_000)}.
     *
     * @param column the column of the target by which it is divided
     */
    public static IdsStep ids(String column) {
        return new ScopeStages.Ids(column);
    }

    /** Each partition of one scope with each of the others, over different columns; the first one changes slowest. */
    public static Scope product(Scope first, Scope second, Scope... rest) {
        List<Scope> factors = new ArrayList<>(List.of(first, second));
        factors.addAll(List.of(rest));
        return new Scope.Product(factors);
    }
}
