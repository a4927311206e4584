package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.INVALID_NAME;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;
import static dev.backstitch.error.ErrorCode.PARTITION_NOT_BOUND;
import static dev.backstitch.error.ErrorCode.UNKNOWN_BIND;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.PartitionBinds;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.SqlTemplate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The second of three gates: what can be known to be wrong with a dag without its database. The types have refused what
 * they can before; the plan looks at the catalogue afterwards. Pure.
 */
public final class BuildGate {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final List<String> QUERIES = List.of("SELECT", "WITH", "FROM");
    private static final Set<String> TRANSACTIONS =
            Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE");
    private static final List<String> AUDIT_BINDS = List.of("shadow", "target");

    private final List<Problem> problems = new ArrayList<>();

    private BuildGate() {}

    /** Everything that is wrong with this dag, in the order in which it is written; nothing when it may be planned. */
    public static List<Problem> check(Dag dag) {
        BuildGate gate = new BuildGate();
        gate.name("dag", dag.name());
        gate.members(dag);
        return List.copyOf(gate.problems);
    }

    private void members(Dag dag) {
        if (dag.backfills().isEmpty()) {
            refuse(INVALID_VALUE, "dag", "at least one backfill", "none", "Run one, as in dag(\"..\").run(flights).");
        }
        for (Member member : dag.members()) {
            member.match(new Member.Cases<Void>() {
                @Override
                public Void backfill(Backfill backfill) {
                    BuildGate.this.backfill(backfill);
                    return null;
                }

                @Override
                public Void sql(SqlTask task) {
                    name("task", task.name());
                    statement((isName(task.name()) ? task.name() : "task") + ".sql", task.sql());
                    return null;
                }

                @Override
                public Void call(CallTask task) {
                    name("task", task.name());
                    return null;
                }
            });
        }
        for (String name : repeated(dag.members().stream().map(Member::name).toList())) {
            refuse(
                    CONFLICTING_SETTINGS,
                    "dag",
                    "each name once in a dag",
                    "several members that are called " + quoted(name),
                    "Rename one of them.");
        }
        problems.addAll(OrderGate.check(dag));
    }

    private void statement(String where, String sql) {
        parsed(where, sql).ifPresent(statement -> {
            onlyBinds(where, statement.binds(), List.of());
            String word = statement.firstWord().orElse("");
            if (TRANSACTIONS.contains(word)) {
                refuse(
                        INVALID_VALUE,
                        where,
                        "a statement within the transaction that Backstitch begins and ends",
                        word,
                        "Leave it out: the statement is committed with the ledger's note that it is done.");
            }
        });
    }

    private void name(String where, String name) {
        if (!isName(name)) {
            refuse(
                    INVALID_NAME,
                    where,
                    "a name of 1 to 64 letters, digits, dots, underscores and hyphens",
                    quoted(name),
                    "Rename it.");
        }
    }

    private void backfill(Backfill backfill) {
        name("backfill", backfill.name());
        String where = (isName(backfill.name()) ? backfill.name() : "backfill") + ".";
        notBlank(INVALID_VALUE, where + "owner", "who answers for it", backfill.owner());
        notBlank(INVALID_VALUE, where + "because", "the reason for it", backfill.reason());
        problems.addAll(ScopeGate.check(where + "scope", backfill.scope()));
        shadow(where + "shadow", backfill.shadow());
        source(where + "merge", backfill.merge().sql(), backfill.scope());
        columns(where + "keyedBy", backfill.merge().key());
        dedupe(where + "dedupe", backfill.merge());
        audits(where + "audit", backfill.audits());
        publish(where + "publish", backfill.publish(), backfill.shadow().seed());
    }

    private void shadow(String where, Shadow<?> shadow) {
        for (AddedColumn column : shadow.added()) {
            notBlank(INVALID_NAME, where, "a name for the added column", column.name());
            notBlank(INVALID_VALUE, where, "a type for the added column " + quoted(column.name()), column.type());
        }
        List<String> names = shadow.added().stream().map(AddedColumn::name).toList();
        for (String name : repeated(names)) {
            String types = shadow.added().stream()
                    .filter(column -> column.name().equals(name))
                    .map(AddedColumn::type)
                    .collect(Collectors.joining(" and as "));
            refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "each added column once",
                    quoted(name) + " as " + types,
                    "Remove one of them.");
        }
    }

    private void source(String where, String sql, Scope scope) {
        Optional<SqlTemplate> query = query(where, sql);
        if (query.isEmpty()) {
            return;
        }
        List<String> binds = query.get().binds();
        List<String> names = PartitionBinds.names(scope);
        onlyBinds(where, binds, names);
        List<String> open = PartitionBinds.notToldApart(binds, scope);
        if (!open.isEmpty()) {
            refuse(
                    PARTITION_NOT_BOUND,
                    where,
                    "a query that reads one partition: " + ScopeGate.howToBind(scope),
                    binds.isEmpty()
                            ? "no binds"
                            : "no more than " + colons(binds)
                                    + (scope.factors().size() > 1 ? ", which leave " + list(open) + " open" : ""),
                    "Limit it, as in: where " + ScopeGate.example(scope) + ".");
        }
    }

    private void dedupe(String where, Merge merge) {
        if (merge.dedupe().isEmpty()) {
            return;
        }
        String column = ((Merge.Dedupe.KeepLatestBy) merge.dedupe().get()).column();
        notBlank(INVALID_NAME, where, "the column that tells which row is the latest", column);
        if (!column.isBlank() && merge.key().contains(column)) {
            refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a column in which rows with one key differ",
                    "keepLatestBy(" + quoted(column) + "), a column of keyedBy(" + list(merge.key()) + ")",
                    "Choose another column.");
        }
    }

    private void audits(String where, List<Audit> audits) {
        if (audits.isEmpty()) {
            refuse(INVALID_VALUE, where, "at least one audit", "none", "Declare what must hold before the publish.");
        }
        for (Audit audit : audits) {
            String name = audit.name().isBlank() ? where : where + " " + audit.name();
            audit.match(new Audit.Cases<Void>() {
                @Override
                public Void unique(Audit.Unique unique) {
                    columns(name, unique.columns());
                    return null;
                }

                @Override
                public Void notNull(Audit.NotNull notNull) {
                    columns(name, notNull.columns());
                    return null;
                }

                @Override
                public Void rowCountWithin(Audit.RowCountWithin rowCount) {
                    return null;
                }

                @Override
                public Void findsNothing(Audit.FindsNothing custom) {
                    notBlank(INVALID_NAME, where, "a name for the audit", custom.name());
                    auditQuery(name, custom.sql());
                    return null;
                }
            });
        }
        for (String name : repeated(audits.stream().map(Audit::name).toList())) {
            refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "each audit once",
                    "several that are called " + quoted(name),
                    "Remove one of them, or rename it.");
        }
    }

    private void auditQuery(String where, String sql) {
        query(where, sql).ifPresent(query -> {
            onlyBinds(where, query.binds(), AUDIT_BINDS);
            if (!query.binds().contains("shadow")) {
                refuse(
                        INVALID_VALUE,
                        where,
                        "a query that reads :shadow, which is what would be published",
                        query.binds().isEmpty() ? "no binds" : "no more than " + colons(query.binds()),
                        "Write :shadow in place of the table's name.");
            }
        });
    }

    private void publish(String where, Publish<?> publish, Shadow.Seed seed) {
        if (publish instanceof Publish.SwapTable && seed != Shadow.Seed.WHOLE_TARGET) {
            refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a shadow that holds the whole target, since swapTable() puts it in the target's place",
                    "a shadow seeded as " + seed,
                    "Use copyOfTarget(), or replacePartitions().");
        }
    }

    /** The statement taken apart, where it can be read and is a query. */
    private Optional<SqlTemplate> query(String where, String sql) {
        Optional<SqlTemplate> query = parsed(where, sql);
        String word = query.flatMap(SqlTemplate::firstWord).orElse("");
        if (query.isPresent() && !QUERIES.contains(word)) {
            refuse(
                    INVALID_VALUE,
                    where,
                    "a query that begins with SELECT or WITH",
                    word.isEmpty() ? "one that begins without a word" : "one that begins with " + word,
                    "Write a query; Backstitch does the writing.");
            return Optional.empty();
        }
        return query;
    }

    private Optional<SqlTemplate> parsed(String where, String sql) {
        try {
            return Optional.of(SqlTemplate.parse(sql));
        } catch (RefusedException unreadable) {
            for (Problem problem : unreadable.problems()) {
                refuse(
                        problem.code(),
                        where + ", " + problem.where(),
                        problem.expected(),
                        problem.found(),
                        problem.fix());
            }
            return Optional.empty();
        }
    }

    private void onlyBinds(String where, List<String> binds, List<String> known) {
        for (String bind : binds) {
            if (!known.contains(bind)) {
                refuse(
                        UNKNOWN_BIND,
                        where,
                        known.isEmpty() ? "no binds" : "one of " + colons(known),
                        ":" + bind,
                        "Correct the name, or write the value itself.");
            }
        }
    }

    private void columns(String where, List<String> columns) {
        if (columns.isEmpty()) {
            refuse(INVALID_VALUE, where, "at least one column", "none", "Name one.");
        }
        for (String column : new LinkedHashSet<>(columns)) {
            notBlank(INVALID_NAME, where, "the name of a column", column);
        }
        for (String column : repeated(columns)) {
            refuse(INVALID_VALUE, where, "each column once", quoted(column) + " more than once", "Remove one of them.");
        }
    }

    private void notBlank(ErrorCode code, String where, String expected, String value) {
        if (value.isBlank()) {
            refuse(code, where, expected, "nothing but white space", "Fill it in.");
        }
    }

    private void refuse(ErrorCode code, String where, String expected, String found, String fix) {
        problems.add(new Problem(code, where, expected, found, fix));
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    private static <T> Set<T> repeated(List<T> values) {
        Set<T> seen = new HashSet<>();
        return values.stream().filter(value -> !seen.add(value)).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String colons(List<String> names) {
        return names.stream().map(name -> ":" + name).collect(Collectors.joining(", "));
    }

    private static String list(List<String> names) {
        return names.stream().map(BuildGate::quoted).collect(Collectors.joining(", "));
    }

    /** In quotes, on one line, and no longer than a line. */
    static String quoted(String value) {
        String line = value.replaceAll("\\p{Cntrl}", " ");
        return '"' + (line.length() > 80 ? line.substring(0, 80) + ".." : line) + '"';
    }
}
