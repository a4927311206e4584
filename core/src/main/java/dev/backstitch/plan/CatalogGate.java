package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.COLUMN_MISSING;
import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.PARTITION_TYPE;
import static dev.backstitch.error.ErrorCode.PRIVILEGE_MISSING;
import static dev.backstitch.error.ErrorCode.SOURCE_COLUMNS;
import static dev.backstitch.error.ErrorCode.SOURCE_INVALID;
import static dev.backstitch.error.ErrorCode.UNSUPPORTED;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.ErrorCode.Remedy;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.PartitionBinds;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.TableInfo;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a backfill's columns and its query fit the target as the catalogue shows it. */
final class CatalogGate {
    private final Catalog catalog;
    private final Backfill backfill;
    private final TableInfo target;

    CatalogGate(Catalog catalog, Backfill backfill, TableInfo target) {
        this.catalog = catalog;
        this.backfill = backfill;
        this.target = target;
    }

    /** The columns of the scope; call it when {@link #columnProblems} found nothing. */
    List<Column> partitionColumns() {
        return backfill.scope().columns().stream()
                .map(name -> column(name).orElseThrow())
                .toList();
    }

    List<Problem> columnProblems() {
        List<Problem> problems = new ArrayList<>();
        backfill.scope().factors().forEach(factor -> problems.addAll(scopeProblems(factor)));
        for (String key : backfill.merge().key()) {
            Optional<Column> column = column(key);
            if (column.isEmpty()) {
                problems.add(missing("keyedBy", key));
            }
            column.filter(CatalogGate::isGenerated).ifPresent(found -> problems.add(generated("keyedBy", found)));
        }
        problems.addAll(writeProblems("updating", backfill.merge().write().updating()));
        problems.addAll(writeProblems("comparing", backfill.merge().write().comparing()));
        problems.addAll(writeProblems("stamping", backfill.merge().stampedColumns()));
        problems.addAll(stampProblems());
        for (AddedColumn added : backfill.shadow().added()) {
            column(added.name())
                    .filter(column -> !isType(column, added.type()))
                    .ifPresent(column -> problems.add(new Problem(
                            CONFLICTING_SETTINGS,
                            backfill.name() + ".shadow.adding",
                            "a column that " + target.name() + " lacks, or has as " + added.type(),
                            column.name() + " " + column.type(),
                            "Leave adding(\"" + added.name() + "\", ..) out: the merge writes the column anyway.")));
        }
        return problems;
    }

    /** A type that the database does not know is another one. */
    private boolean isType(Column column, String type) {
        try {
            return catalog.normalType(type).equalsIgnoreCase(column.type());
        } catch (BackstitchException e) {
            if (e.code() != ErrorCode.STATEMENT_REFUSED) {
                throw e;
            }
            return false;
        }
    }

    private List<Problem> writeProblems(String setting, List<String> columns) {
        List<Problem> problems = new ArrayList<>();
        for (String name : columns) {
            Optional<Column> column = column(name);
            boolean added = backfill.shadow().added().stream()
                    .anyMatch(each -> each.name().equalsIgnoreCase(name));
            if (column.isEmpty() && !added) {
                problems.add(missing(setting, name));
            }
            column.filter(CatalogGate::isGenerated).ifPresent(found -> problems.add(generated(setting, found)));
        }
        return problems;
    }

    /** The type of an added column is the database's to judge, in the first merge. */
    private List<Problem> stampProblems() {
        List<Problem> problems = new ArrayList<>();
        for (Stamp stamp : backfill.merge().stamping().map(Stamping::stamps).orElse(List.of())) {
            boolean time = stamp.value() == Stamp.Value.UPDATED_AT;
            Set<Family> fitting =
                    time ? EnumSet.of(Family.LOCAL_TIMESTAMP, Family.INSTANT, Family.DATE) : EnumSet.of(Family.TEXT);
            column(stamp.column())
                    .filter(column -> !fitting.contains(column.family()))
                    .ifPresent(column -> problems.add(new Problem(
                            CONFLICTING_SETTINGS,
                            backfill.name() + ".stamping",
                            (time ? "a timestamp or a date in " : "a text in ") + target.name() + "." + column.name()
                                    + " for " + stamp.value().word() + "(..)",
                            column.type(),
                            "Stamp another column.")));
        }
        return problems;
    }

    private List<Problem> scopeProblems(Scope factor) {
        String name = factor.columns().get(0);
        Optional<Column> column = column(name);
        if (column.isEmpty()) {
            return List.of(missing("scope", name));
        }
        List<Problem> problems = new ArrayList<>();
        if (isGenerated(column.get())) {
            problems.add(generated("scope", column.get()));
        }
        typeProblem(factor, column.get()).ifPresent(problems::add);
        return problems;
    }

    private Optional<Problem> typeProblem(Scope factor, Column column) {
        Optional<Calendar> by = PartitionBinds.calendar(factor);
        if (factor instanceof Scope.Values) {
            return Optional.empty();
        }
        if (by.isEmpty()) {
            return column.family() == Family.NUMBER
                    ? Optional.empty()
                    : Optional.of(wrongType(column, "a whole number", "Name the column that holds the ids."));
        }
        boolean zoned = by.get().zone().isPresent();
        boolean hours = by.get().unit() == Calendar.Unit.HOURS;
        return switch (column.family()) {
            case LOCAL_TIMESTAMP -> Optional.empty();
            case INSTANT ->
                zoned
                        ? Optional.empty()
                        : Optional.of(wrongType(
                                column,
                                "a date, or a timestamp without a zone,",
                                "Say whose " + by.get().unit().noun() + "s are meant, as in "
                                        + factorWord(by.get()) + "(\"" + column.name()
                                        + "\").in(ZoneId.of(\"Europe/Berlin\"))."));
            case DATE ->
                zoned || hours
                        ? Optional.of(wrongType(
                                column,
                                zoned ? "a timestamp, since a zone is declared," : "a timestamp",
                                zoned ? "Leave .in(..) out." : "Divide it by days, weeks or months."))
                        : Optional.empty();
            case NUMBER, TEXT, OTHER ->
                Optional.of(wrongType(
                        column, "a date, or a timestamp without a zone,", "Name the column that holds the day."));
        };
    }

    private static String factorWord(Calendar by) {
        return by.unit().chrono().toString().toLowerCase(Locale.ROOT);
    }

    private Problem wrongType(Column column, String expected, String fix) {
        return new Problem(
                PARTITION_TYPE,
                backfill.name() + ".scope",
                expected + " in " + target.name() + "." + column.name(),
                column.type(),
                fix);
    }

    /** Compares the query's columns with the shadow's, by name. */
    List<Problem> sourceProblems(Partition sample) {
        String where = backfill.name() + ".merge";
        List<Column> source;
        try {
            source = catalog.columnsOf(SqlTemplate.parse(backfill.merge().sql()), sample, partitionColumns());
        } catch (BackstitchException e) {
            if (e.code().remedy() != Remedy.REFUSE) {
                throw e;
            }
            return List.of(refused(e, where, "a query that the database accepts", "Correct the SQL."));
        }
        Map<String, Column> wanted = new LinkedHashMap<>();
        Stream.concat(
                        target.columns().stream().filter(column -> column.origin() == Column.Origin.WRITTEN),
                        backfill.shadow().added().stream()
                                .filter(added -> column(added.name()).isEmpty())
                                .map(added -> new Column(
                                        added.name(),
                                        added.type(),
                                        Family.OTHER,
                                        Column.Nullability.NULLABLE,
                                        Column.Origin.WRITTEN)))
                .filter(column -> isBrought(column.name()))
                .forEach(column -> wanted.put(folded(column.name()), column));
        return compare(where, source, wanted);
    }

    /**
     * SQL that the database refused.
     *
     * @param fix what to do where it isn't a privilege that lacks
     */
    static Problem refused(BackstitchException refusal, String where, String expected, String fix) {
        boolean privilege = refusal.code() == PRIVILEGE_MISSING;
        return new Problem(
                privilege ? PRIVILEGE_MISSING : SOURCE_INVALID,
                where,
                expected,
                "one of which it says: " + refusal.words(),
                privilege ? "Grant it to the user of this connection." : fix);
    }

    private boolean isBrought(String column) {
        List<String> needed = backfill.merge().sourceColumns(backfill.scope().columns());
        return !isStamped(column) && (needed.isEmpty() || needed.stream().anyMatch(column::equalsIgnoreCase));
    }

    private boolean isStamped(String column) {
        return backfill.merge().stampedColumns().stream().anyMatch(column::equalsIgnoreCase);
    }

    private List<Problem> compare(String where, List<Column> source, Map<String, Column> wanted) {
        List<Problem> problems = new ArrayList<>();
        Map<String, Column> brought = source.stream()
                .collect(
                        Collectors.toMap(column -> folded(column.name()), column -> column, (first, second) -> second));
        if (brought.size() < source.size()) {
            problems.add(
                    sourceColumns(where, "each column once", names(source), "Rename or drop the repeated column."));
        }
        List<String> dedupe = backfill.merge().dedupe().map(Merge.Dedupe::by).orElse(List.of());
        dedupe.stream()
                .filter(name -> !brought.containsKey(folded(name)))
                .forEach(name -> problems.add(sourceColumns(
                        where, "the column " + name + ", by which it dedupes", names(source), "Select it.")));
        wanted.forEach((name, column) -> {
            Column found = brought.get(name);
            if (found == null) {
                problems.add(sourceColumns(
                        where, "a column " + column.name() + " for " + target.name(), names(source), "Select it."));
            } else if (differ(found.family(), column.family())) {
                problems.add(sourceColumns(
                        where, column.name() + " as " + column.type(), found.type(), "Cast it in the query."));
            }
        });
        brought.forEach((name, column) -> {
            if (isStamped(name)) {
                problems.add(sourceColumns(
                        where,
                        "no column that stamping(..) sets",
                        column.name() + " as well",
                        "Leave it out of the query, as in: select * exclude (" + column.name()
                                + "), or name the columns."));
            } else if (!wanted.containsKey(name) && dedupe.stream().noneMatch(name::equalsIgnoreCase)) {
                problems.add(
                        column(column.name()).isPresent() && !isBrought(column.name())
                                ? sourceColumns(
                                        where,
                                        "no more than updateOnly() and updating(..) need, "
                                                + String.join(", ", wanted.keySet()),
                                        column.name() + " as well",
                                        "Leave it out of the query, or name it in updating(..).")
                                : sourceColumns(
                                        where,
                                        "only columns that " + target.name() + " has",
                                        column.name() + " as well" + perhapsTwice(name, brought.keySet()),
                                        "Leave it out, or declare it: .shadow(..adding(\"" + column.name() + "\", \""
                                                + column.type() + "\"))."));
            }
        });
        return problems;
    }

    /** DuckDB numbers the second of two columns of one name. */
    private static String perhapsTwice(String name, Set<String> brought) {
        String once = name.replaceFirst("_\\d+$", "");
        return once.equals(name) || !brought.contains(once)
                ? ""
                : ", as the database may call a second column " + once + " of the query";
    }

    private static boolean differ(Family found, Family wanted) {
        return found != Family.OTHER && wanted != Family.OTHER && found != wanted;
    }

    private static Problem sourceColumns(String where, String expected, String found, String fix) {
        return new Problem(SOURCE_COLUMNS, where, expected, found, fix);
    }

    private static boolean isGenerated(Column column) {
        return column.origin() == Column.Origin.GENERATED;
    }

    private Problem generated(String setting, Column column) {
        return new Problem(
                UNSUPPORTED,
                backfill.name() + "." + setting,
                "a column that is written",
                column.name() + ", which the database computes",
                "Name the column it is computed from.");
    }

    private Problem missing(String setting, String column) {
        return new Problem(
                COLUMN_MISSING,
                backfill.name() + "." + setting,
                "a column " + column + " in " + target.name(),
                names(target.columns()),
                "Correct the name.");
    }

    private Optional<Column> column(String name) {
        return target.columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst();
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::name).collect(Collectors.joining(", ", "(", ")"));
    }
}
