package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.INVALID_NAME;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;
import static dev.backstitch.error.ErrorCode.PARTITION_NOT_BOUND;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.AddedColumn;
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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The second of three gates: what can be known to be wrong with a dag without its database. The types have refused what
 * they can before; the plan looks at the catalogue afterwards. Pure.
 */
public final class BuildGate {
    private static final Set<String> TRANSACTIONS =
            Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE");

    private static final int MOST_CHARACTERS = 64;

    private final Findings findings = new Findings();

    private BuildGate() {}

    /** Everything that is wrong with this dag, in the order in which it is written; nothing when it may be planned. */
    public static List<Problem> check(Dag dag) {
        BuildGate gate = new BuildGate();
        gate.name("dag", dag.name());
        gate.members(dag);
        return gate.findings.all();
    }

    private void members(Dag dag) {
        if (dag.backfills().isEmpty()) {
            findings.refuse(
                    INVALID_VALUE, "dag", "at least one backfill", "none", "Run one, as in dag(\"..\").run(flights).");
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
                    statement((Findings.isName(task.name()) ? task.name() : "task") + ".sql", task.sql());
                    return null;
                }

                @Override
                public Void call(CallTask task) {
                    name("task", task.name());
                    return null;
                }
            });
        }
        for (String name :
                Findings.repeated(dag.members().stream().map(Member::name).toList())) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    "dag",
                    "each name once in a dag",
                    "several members that are called " + Findings.quoted(name),
                    "Rename one of them.");
        }
        findings.addAll(OrderGate.check(dag));
    }

    private void statement(String where, String sql) {
        findings.parsed(where, sql).ifPresent(statement -> {
            findings.onlyBinds(where, statement.binds(), List.of());
            String word = statement.firstWord().orElse("");
            if (TRANSACTIONS.contains(word)) {
                findings.refuse(
                        INVALID_VALUE,
                        where,
                        "a statement within the transaction that Backstitch begins and ends",
                        word,
                        "Leave it out: the statement is committed with the ledger's note that it is done.");
            }
        });
    }

    private void name(String where, String name) {
        if (!Findings.isName(name)) {
            findings.refuse(
                    INVALID_NAME,
                    where,
                    "a name of 1 to 64 letters, digits, dots, underscores and hyphens",
                    Findings.quoted(name)
                            + (name.length() > MOST_CHARACTERS ? " of " + name.length() + " characters" : ""),
                    "Rename it.");
        }
    }

    private void backfill(Backfill backfill) {
        name("backfill", backfill.name());
        String where = (Findings.isName(backfill.name()) ? backfill.name() : "backfill") + ".";
        findings.notBlank(INVALID_VALUE, where + "owner", "who answers for it", backfill.owner());
        findings.notBlank(INVALID_VALUE, where + "because", "the reason for it", backfill.reason());
        findings.addAll(ScopeGate.check(where + "scope", backfill.scope()));
        shadow(where + "shadow", backfill.shadow());
        source(where + "merge", backfill.merge().sql(), backfill.scope());
        findings.columns(where + "keyedBy", backfill.merge().key());
        dedupe(where + "dedupe", backfill.merge());
        findings.addAll(WriteGate.check(where, backfill));
        findings.addAll(AuditGate.check(where + "audit", backfill.audits()));
        publish(where + "publish", backfill.publish(), backfill.shadow().seed());
        backfill.publish().name().ifPresent(name -> added(where + "publish", name, backfill));
        findings.addAll(CareGate.check(where, backfill));
    }

    private void shadow(String where, Shadow<?> shadow) {
        for (AddedColumn column : shadow.added()) {
            findings.notBlank(INVALID_NAME, where, "a name for the added column", column.name());
            findings.notBlank(
                    INVALID_VALUE,
                    where,
                    "a type for the added column " + Findings.quoted(column.name()),
                    column.type());
        }
        List<String> names = shadow.added().stream().map(AddedColumn::name).toList();
        for (String name : Findings.repeated(names)) {
            String types = shadow.added().stream()
                    .filter(column -> column.name().equals(name))
                    .map(AddedColumn::type)
                    .collect(Collectors.joining(" and as "));
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "each added column once",
                    Findings.quoted(name) + " as " + types,
                    "Remove one of them.");
        }
    }

    private void source(String where, String sql, Scope scope) {
        Optional<SqlTemplate> query = findings.query(where, sql);
        if (query.isEmpty() || scope.columns().stream().anyMatch(String::isBlank)) {
            // What it may bind is named by the scope's columns.
            return;
        }
        List<String> binds = query.get().binds();
        List<String> names = PartitionBinds.names(scope);
        findings.onlyBinds(where, binds, names);
        List<String> open = PartitionBinds.notToldApart(binds, scope);
        if (!open.isEmpty()) {
            findings.refuse(
                    PARTITION_NOT_BOUND,
                    where,
                    "a query that reads one partition: " + ScopeGate.howToBind(scope),
                    binds.isEmpty()
                            ? "no binds"
                            : "no more than " + Findings.colons(binds)
                                    + (scope.factors().size() > 1
                                            ? (binds.size() == 1 ? ", which leaves " : ", which leave ")
                                                    + Findings.list(open) + " open"
                                            : ""),
                    "Limit it, as in: where " + ScopeGate.example(scope) + ".");
        }
    }

    private void dedupe(String where, Merge merge) {
        if (merge.dedupe().isEmpty()) {
            return;
        }
        Merge.Dedupe rule = merge.dedupe().get();
        if (rule instanceof Merge.Dedupe.Keep keep) {
            findings.columns(where, keep.columns());
        }
        for (String column : rule.by()) {
            findings.notBlank(INVALID_NAME, where, "the column that tells which row is the latest", column);
            if (!column.isBlank() && merge.key().contains(column)) {
                findings.refuse(
                        CONFLICTING_SETTINGS,
                        where,
                        "a column in which rows with one key differ",
                        Findings.word(rule) + ", a column of keyedBy(" + Findings.list(merge.key()) + ")",
                        "Choose another column.");
            }
        }
    }

    private void added(String where, String name, Backfill backfill) {
        List<String> target = backfill.target().parts();
        if (name.isBlank() || name.getBytes(StandardCharsets.UTF_8).length > WorkOrders.MOST_BYTES) {
            findings.refuse(
                    INVALID_NAME,
                    where + ".named",
                    "a name of 1 to " + WorkOrders.MOST_BYTES + " bytes, which no database cuts off",
                    Findings.quoted(name),
                    "Choose another.");
        } else if (name.equalsIgnoreCase(target.get(target.size() - 1))) {
            findings.refuse(
                    INVALID_NAME,
                    where + ".named",
                    "a name for a table beside " + backfill.target(),
                    "its own",
                    "Choose another, such as " + name + "_archive.");
        }
    }

    private void publish(String where, Publish<?> publish, Shadow.Seed seed) {
        if (publish.overwritesWholeTable() && seed != Shadow.Seed.WHOLE_TARGET) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a shadow that holds the whole target, since "
                            + (publish instanceof Publish.RepointView ? "repointView(..)" : "swapTable()")
                            + " puts it in the target's place",
                    Findings.word(seed),
                    "Use copyOfTarget(), or replacePartitions().");
        }
        if (publish instanceof Publish.ReplacePartitions
                && publish.lateWrites() == Publish.LateWrites.CATCH_UP
                && seed != Shadow.Seed.SCOPE_OF_TARGET) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a shadow seeded with just the rows that the publish overwrites, since lateWrites(catchUp()) brings"
                            + " those in and no others",
                    Findings.word(seed),
                    "Use scopeOfTarget(), or leave lateWrites(..) out.");
        }
    }
}
