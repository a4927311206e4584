package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.COLUMN_MISSING;
import static dev.backstitch.error.ErrorCode.TARGET_MISSING;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether audits fit the target as the catalogue shows it: their columns are there, and the database accepts their
 * expressions. Nothing is run.
 */
final class AuditCatalogGate implements Audit.Cases<Boolean> {
    private static final String CORRECT = "Correct the expression.";
    private static final String COMPUTE_OF_LIVE =
            "Correct the expression, or say with againstLive(\"..\") what to compute of the live table.";

    private final Catalog catalog;
    private final Backfill backfill;
    private final TableInfo target;
    private final Partition sample;
    private final List<Column> partitionColumns;
    private final List<Problem> problems = new ArrayList<>();
    private String where = "";

    private AuditCatalogGate(
            Catalog catalog, Backfill backfill, TableInfo target, Partition sample, List<Column> partitionColumns) {
        this.catalog = catalog;
        this.backfill = backfill;
        this.target = target;
        this.sample = sample;
        this.partitionColumns = partitionColumns;
    }

    /**
     * @param sample any partition of the scope
     * @param partitionColumns the columns by which it is divided
     */
    static List<Problem> check(
            Catalog catalog, Backfill backfill, TableInfo target, Partition sample, List<Column> partitionColumns) {
        AuditCatalogGate gate = new AuditCatalogGate(catalog, backfill, target, sample, partitionColumns);
        for (Audit audit : backfill.audits()) {
            gate.where = backfill.name() + ".audit " + audit.name();
            audit.match(gate);
        }
        return gate.problems;
    }

    @Override
    public Boolean unique(Audit.Unique unique) {
        return inShadow(unique.columns());
    }

    @Override
    public Boolean notNull(Audit.NotNull notNull) {
        return inShadow(notNull.columns());
    }

    @Override
    public Boolean references(Audit.References references) {
        inShadow(references.columns());
        return in(references.table(), references.referenced());
    }

    @Override
    public Boolean covers(Audit.Covers covers) {
        inShadow(covers.columns());
        return in(covers.source(), covers.columns());
    }

    @Override
    public Boolean changed(Audit.Changed changed) {
        return true;
    }

    @Override
    public Boolean onlyChanged(Audit.OnlyChanged changed) {
        inShadow(changed.columns());
        return true;
    }

    @Override
    public Boolean rows(Audit.Rows rows) {
        rows.rule().column().ifPresent(column -> inShadow(List.of(column)));
        return !(rows.rule() instanceof Rule.Satisfies satisfies)
                || isAccepted("case when " + bare(satisfies.condition()) + " then 1 end", shadow(), CORRECT);
    }

    @Override
    public Boolean measured(Audit.Measured measured) {
        if (measured.metric().kind() == Metric.Kind.ROW_COUNT) {
            return true;
        }
        boolean shadow = isAccepted(figure(measured.metric(), measured.metric().expression()), shadow(), CORRECT);
        boolean comparesLive = measured.expected() instanceof Expectation.LikeLive;
        String live = measured.live().orElse(measured.metric().expression());
        return shadow
                && (!comparesLive || isAccepted(figure(measured.metric(), live), quoted(target), COMPUTE_OF_LIVE));
    }

    /** In a form that the database only accepts for an expression of a fitting type. */
    private static String figure(Metric metric, String written) {
        String expression = bare(written);
        return switch (metric.kind()) {
            case SUM, MEAN -> "sum(" + expression + ")";
            case PERCENTILE -> "sum(cast(" + expression + " as double precision))";
            case MIN, MAX -> "abs(max(" + expression + "))";
            case COUNT_DISTINCT, NULL_SHARE, ROW_COUNT -> "count(" + expression + ")";
        };
    }

    /** Without a comment behind it, in which what follows would be lost. */
    private static String bare(String expression) {
        return SqlTemplate.parse(expression).asWritten();
    }

    @Override
    public Boolean findsNothing(Audit.FindsNothing query) {
        // Its tables are named by the engine; it is only run on the shadow.
        return true;
    }

    private boolean inShadow(List<String> columns) {
        List<String> there = Stream.concat(
                        target.columns().stream().map(Column::name),
                        backfill.shadow().added().stream().map(AddedColumn::name))
                .toList();
        return columns.stream()
                        .filter(column -> there.stream().noneMatch(column::equalsIgnoreCase))
                        .peek(column ->
                                problems.add(missing(column, target.name().toString(), there)))
                        .count()
                == 0;
    }

    private boolean in(TableName table, List<String> columns) {
        Optional<TableInfo> found = catalog.table(table);
        if (found.isEmpty()) {
            problems.add(new Problem(
                    TARGET_MISSING,
                    where,
                    "a table " + table,
                    "none of that name, as the database resolves names",
                    "Correct the name."));
            return false;
        }
        List<String> there = found.get().columns().stream().map(Column::name).toList();
        columns.stream()
                .filter(column -> there.stream().noneMatch(column::equalsIgnoreCase))
                .forEach(column ->
                        problems.add(missing(column, found.get().name().toString(), there)));
        return true;
    }

    private Problem missing(String column, String table, List<String> there) {
        return new Problem(
                COLUMN_MISSING,
                where,
                "a column " + column + " in " + table,
                there.stream().collect(Collectors.joining(", ", "(", ")")),
                "Correct the name.");
    }

    private boolean isAccepted(String expression, String table, String fix) {
        try {
            catalog.columnsOf(
                    SqlTemplate.parse("select " + expression + " as found from " + table + " s"),
                    sample,
                    partitionColumns);
            return true;
        } catch (BackstitchException e) {
            if (e.code().remedy() != ErrorCode.Remedy.REFUSE) {
                throw e;
            }
            problems.add(CatalogGate.refused(
                    e,
                    where,
                    "an expression over the columns of " + target.name() + (fix.equals(CORRECT) ? added() : "")
                            + " that the database accepts",
                    fix));
            return false;
        }
    }

    private String added() {
        return backfill.shadow().added().stream()
                .map(column -> " and " + column.name())
                .collect(Collectors.joining());
    }

    /** The target with the added columns, as the shadow will be. */
    private String shadow() {
        if (backfill.shadow().added().isEmpty()) {
            return quoted(target);
        }
        return "(select t.*, "
                + backfill.shadow().added().stream()
                        .map(added -> "cast(null as " + added.type() + ") as " + quoted(added.name()))
                        .collect(Collectors.joining(", "))
                + " from " + quoted(target) + " t)";
    }

    private static String quoted(TableInfo table) {
        return table.name().parts().map(AuditCatalogGate::quoted).collect(Collectors.joining("."));
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
