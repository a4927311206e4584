package dev.backstitch;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.TableName;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** Descriptions that tests begin with. */
public final class Samples {
    private Samples() {}

    /** A dag over the first days of 2001, two merges at a time, retried without a wait. */
    public static Dag flights(int days) {
        return flights(days, new Limits(2, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO)));
    }

    /** The same with these limits. */
    public static Dag flights(int days, Limits limits) {
        return new Dag("flights", backfill("flights_delay_class", "analytics.flights", days, limits));
    }

    /** A backfill of {@code app.} and its name over three days, tried again without a wait. */
    public static Backfill backfill(String name) {
        return backfill(name, new Limits(2, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO)));
    }

    /** The same with these limits. */
    public static Backfill backfill(String name, Limits limits) {
        return backfill(name, "app." + name, 3, limits);
    }

    private static Backfill backfill(String name, String target, int days, Limits limits) {
        LocalDate first = LocalDate.of(2001, 1, 1);
        return new Backfill(
                name,
                "data-eng@example.com",
                "delay buckets changed",
                TableName.parse(target),
                Scope.days("flight_date", first, first.plusDays(days)),
                new Shadow<Coverage.ScopeOnly>(Shadow.Seed.SCOPE_OF_TARGET, List.of()),
                new Merge(
                        "select * from staging.flights where flight_date >= :partition_start"
                                + " and flight_date < :partition_end",
                        List.of("flight_id"),
                        Optional.of(new Merge.Dedupe.KeepLatestBy("flight_date")),
                        Optional.of(new Merge.AtMost(new BigDecimal("1.50"))),
                        Merge.Emptiness.REFUSED),
                limits,
                List.of(
                        new Audit.Unique(List.of("flight_id"), Severity.BLOCKING),
                        new Audit.NotNull(List.of("flight_date"), Severity.WARNING),
                        new Audit.Measured(
                                Metric.rowCount(),
                                Optional.empty(),
                                new Expectation.LikeLive(
                                        BigDecimal.ONE,
                                        new Expectation.Tolerance.Percent(new BigDecimal("2")),
                                        Optional.empty()),
                                Audit.Grain.WHOLE,
                                Severity.BLOCKING),
                        new Audit.FindsNothing("odd", "select 1 from :shadow where false", Severity.BLOCKING)),
                new Publish.ReplacePartitions(Duration.ofDays(30)));
    }
}
