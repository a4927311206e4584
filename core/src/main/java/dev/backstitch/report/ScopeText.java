package dev.backstitch.report;

import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.PartitionBinds;
import dev.backstitch.spec.Scope;
import dev.backstitch.spi.Column;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What kind of partitions a scope has, in words. Pure. */
final class ScopeText {
    private ScopeText() {}

    /** {@code daily partitions by flight_date (DATE)}, {@code hourly partitions by at (TIMESTAMPTZ) in Europe/Berlin}. */
    static String of(Scope scope, List<Column> columns) {
        List<Scope> factors = scope.factors();
        String kind = factors.size() == 1
                ? PartitionBinds.calendar(factors.get(0))
                        .map(by -> by.unit().adjective() + " partitions by ")
                        .orElse("partitions by ")
                : "partitions by ";
        return kind
                + factors.stream()
                        .map(factor -> factor(factor, columns, factors.size()))
                        .collect(Collectors.joining(" and "))
                + factors.stream()
                        .filter(Scope.Since.class::isInstance)
                        .map(factor -> ", since what is published of " + ((Scope.Since) factor).table())
                        .collect(Collectors.joining())
                + scope.repair().map(ScopeText::repair).orElse("")
                + (scope instanceof Scope.Backwards ? ", the last one first" : "");
    }

    private static String repair(Scope.Missing missing) {
        return ", those of which the target has "
                + switch (missing.lack()) {
                    case EMPTY -> "nothing and " + missing.source() + " something";
                    case COUNTS_DIFFER -> "another number of rows than " + missing.source();
                    case BELOW_TYPICAL ->
                        "less than " + missing.typical() + " of the typical and of what " + missing.source() + " has";
                };
    }

    private static String factor(Scope factor, List<Column> columns, int factors) {
        String name = factor.columns().get(0);
        String type = columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst()
                .map(Column::type)
                .orElse("");
        Optional<Calendar> by = PartitionBinds.calendar(factor);
        String unit = factors > 1
                ? by.map(calendar -> calendar.unit().noun() + " of ").orElse("")
                : "";
        return unit + name + " (" + type + ")"
                + by.flatMap(Calendar::zone).map(zone -> " in " + zone).orElse("");
    }
}
