package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.INVALID_NAME;
import static dev.backstitch.error.ErrorCode.INVALID_SCOPE;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.PartitionBinds;
import dev.backstitch.spec.Scope;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be known to be wrong with a scope without its database. Pure. */
public final class ScopeGate {
    /** The most partitions that a scope may have: eleven years of hours, 273 years of days. */
    public static final int MOST_PARTITIONS = 100_000;

    private final String where;
    private final List<Problem> problems = new ArrayList<>();

    private ScopeGate(String where) {
        this.where = where;
    }

    static List<Problem> check(String where, Scope scope) {
        ScopeGate gate = new ScopeGate(where);
        long partitions = gate.count(scope);
        if (partitions > MOST_PARTITIONS) {
            gate.refuse(
                    INVALID_SCOPE,
                    "at most " + MOST_PARTITIONS + " partitions",
                    partitions + " of them",
                    "Check its bounds, or divide it into several backfills.");
        }
        return gate.problems;
    }

    /** {@code with :partition_start and :partition_end, or with :partition}, for a message. */
    static String howToBind(Scope scope) {
        List<Scope> factors = scope.factors();
        if (factors.size() > 1) {
            return "with " + factors.stream().map(ScopeGate::bindsOfFactor).collect(Collectors.joining(", and with "));
        }
        Scope factor = factors.get(0);
        if (factor instanceof Scope.Values) {
            return "with :partition or :" + factor.columns().get(0);
        }
        boolean days = PartitionBinds.calendar(factor)
                .filter(by -> by.unit() == Calendar.Unit.DAYS && by.zone().isEmpty())
                .isPresent();
        return "with :partition_start and :partition_end" + (days ? ", or with :partition" : "");
    }

    private static String bindsOfFactor(Scope factor) {
        String column = factor.columns().get(0);
        return factor instanceof Scope.Values ? ":" + column : ":" + column + "_start and :" + column + "_end";
    }

    /** A condition that limits a query to one partition, for a message. */
    static String example(Scope scope) {
        List<Scope> factors = scope.factors();
        return factors.stream()
                .map(factor -> {
                    String column = factor.columns().get(0);
                    if (factor instanceof Scope.Values) {
                        return column + " = :" + column;
                    }
                    String prefix = factors.size() > 1 ? column : "partition";
                    return column + " >= :" + prefix + "_start and " + column + " < :" + prefix + "_end";
                })
                .collect(Collectors.joining(" and "));
    }

    /** Refuses what is wrong, and answers how many partitions there are about. */
    private long count(Scope scope) {
        return scope.match(new Scope.Cases<>() {
            @Override
            public Long range(Scope.Range range) {
                column(range.by().column());
                requireBoundary(range.by(), range.from());
                requireBoundary(range.by(), range.to());
                if (!range.from().isBefore(range.to())) {
                    String unit = range.by().unit().noun();
                    refuse(
                            INVALID_SCOPE,
                            "from(..) before to(..)",
                            "from " + shown(range.by(), range.from()) + " to " + shown(range.by(), range.to()),
                            "Move one of them; to(..) is the " + unit + " after the last one that is recomputed.");
                }
                return range.by().unit().chrono().between(range.from(), range.to());
            }

            @Override
            public Long last(Scope.Last last) {
                column(last.by().column());
                if (last.count() < 1) {
                    refuse(
                            INVALID_SCOPE,
                            "at least one " + last.by().unit().noun(),
                            "the last " + last.count(),
                            "Ask for more.");
                }
                return (long) last.count();
            }

            @Override
            public Long since(Scope.Since since) {
                column(since.by().column());
                return 1L;
            }

            @Override
            public Long only(Scope.Only only) {
                column(only.by().column());
                String unit = only.by().unit().noun();
                if (only.starts().isEmpty()) {
                    refuse(INVALID_SCOPE, "at least one " + unit, "none", "Name one.");
                }
                only.starts().forEach(start -> requireBoundary(only.by(), start));
                for (LocalDateTime start : repeated(only.starts())) {
                    refuse(
                            INVALID_SCOPE,
                            "each " + unit + " once",
                            shown(only.by(), start) + " more than once",
                            "Remove one of them.");
                }
                return (long) only.starts().size();
            }

            @Override
            public Long values(Scope.Values values) {
                column(values.column());
                if (values.values().isEmpty()) {
                    refuse(INVALID_SCOPE, "at least one value", "none", "Name one.");
                }
                for (String value : repeated(values.values())) {
                    refuse(
                            INVALID_SCOPE,
                            "each value once",
                            Findings.quoted(value) + " more than once",
                            "Remove one of them.");
                }
                return (long) values.values().size();
            }

            @Override
            public Long ids(Scope.Ids ids) {
                column(ids.column());
                if (ids.from() >= ids.to()) {
                    refuse(
                            INVALID_SCOPE,
                            "from(..) before to(..)",
                            "from " + ids.from() + " to " + ids.to(),
                            "Move one of them; to(..) is the number after the last one that is recomputed.");
                    return 0L;
                }
                if (ids.step() < 1) {
                    refuse(INVALID_SCOPE, "a step of at least 1", String.valueOf(ids.step()), "Choose a larger one.");
                    return 0L;
                }
                return (long) Math.ceil(((double) ids.to() - ids.from()) / ids.step());
            }

            @Override
            public Long product(Scope.Product product) {
                List<String> columns = product.factors().stream()
                        .flatMap(factor -> factor.columns().stream())
                        .toList();
                if (product.factors().stream()
                        .anyMatch(factor -> factor.repair().isPresent())) {
                    refuse(
                            INVALID_SCOPE,
                            "missingFrom(..) of the whole product",
                            "it in one of its factors, whose partitions are no partitions of the target",
                            "Write product(.., ..).missingFrom(..).");
                }
                for (String column : repeated(columns)) {
                    refuse(
                            INVALID_SCOPE,
                            "factors over different columns",
                            Findings.quoted(column) + " in two of them",
                            "Use except(..) or one scope to combine partitions of one column.");
                }
                long partitions = 1;
                for (Scope factor : product.factors()) {
                    partitions = Math.min(Long.MAX_VALUE / (MOST_PARTITIONS * 1000L), partitions) * count(factor);
                }
                return partitions;
            }

            @Override
            public Long except(Scope.Except except) {
                long partitions = count(except.of());
                count(except.excluded());
                if (!except.of().columns().equals(except.excluded().columns())) {
                    refuse(
                            INVALID_SCOPE,
                            "an exception by the columns of the scope, "
                                    + except.of().columns(),
                            "one by " + except.excluded().columns(),
                            "Write it in the same columns.");
                }
                return partitions;
            }

            @Override
            public Long backwards(Scope.Backwards backwards) {
                return count(backwards.of());
            }

            @Override
            public Long unended(Scope.Unended unended) {
                return count(unended.of());
            }

            @Override
            public Long missing(Scope.Missing missing) {
                if (missing.of().repair().isPresent()) {
                    refuse(
                            INVALID_SCOPE,
                            "missingFrom(..) once",
                            "it twice",
                            "Say it of the whole scope, as its last word.");
                }
                return count(missing.of());
            }
        });
    }

    private void column(String column) {
        if (column.isBlank()) {
            refuse(INVALID_NAME, "the column by which the target is divided", "nothing but white space", "Fill it in.");
        }
    }

    private void requireBoundary(Calendar by, LocalDateTime time) {
        LocalDateTime floor = by.unit().floor(time);
        if (!floor.equals(time)) {
            refuse(
                    INVALID_SCOPE,
                    (by.unit() == Calendar.Unit.HOURS ? "the beginning of an " : "the beginning of a ")
                            + by.unit().noun(),
                    shown(by, time),
                    "Use " + shown(by, floor) + " or "
                            + shown(by, floor.plus(1, by.unit().chrono())) + ".");
        }
    }

    private static String shown(Calendar by, LocalDateTime time) {
        boolean date = by.unit() != Calendar.Unit.HOURS
                && time.equals(time.toLocalDate().atStartOfDay());
        return date ? time.toLocalDate().toString() : time.toString();
    }

    private void refuse(ErrorCode code, String expected, String found, String fix) {
        problems.add(new Problem(code, where, expected, found, fix));
    }

    private static <T> Set<T> repeated(List<T> values) {
        Set<T> seen = new HashSet<>();
        return values.stream().filter(value -> !seen.add(value)).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
