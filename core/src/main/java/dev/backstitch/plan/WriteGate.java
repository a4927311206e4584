package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Write;
import dev.backstitch.spec.Write.Rows;
import java.util.List;

/** Whether what a merge may write fits the rest of the backfill. Pure. */
final class WriteGate {
    private final Findings findings = new Findings();
    private final String where;
    private final Backfill backfill;
    private final Write write;

    private WriteGate(String where, Backfill backfill) {
        this.where = where;
        this.backfill = backfill;
        this.write = backfill.merge().write();
    }

    /** @param where the backfill, with a dot at the end */
    static List<Problem> check(String where, Backfill backfill) {
        WriteGate gate = new WriteGate(where, backfill);
        gate.columns("updating", gate.write.updating());
        gate.columns("comparing", gate.write.comparing());
        gate.combinations();
        gate.columnsThatAreCounted();
        gate.stamps(backfill.merge().stampedColumns());
        return gate.findings.all();
    }

    private void columns(String setting, List<String> columns) {
        if (columns.isEmpty()) {
            return;
        }
        findings.columns(where + setting, columns);
        List<String> key = backfill.merge().key();
        columns.stream()
                .filter(column -> key.stream().anyMatch(column::equalsIgnoreCase))
                .distinct()
                .forEach(column -> findings.refuse(
                        CONFLICTING_SETTINGS,
                        where + setting,
                        "columns that are not the key's, which say what row it is",
                        Findings.quoted(column) + " of keyedBy(" + Findings.list(key) + ")",
                        "Leave it out."));
    }

    /** Where other columns are compared than are overwritten, the merge does not count which of them differ. */
    private void columnsThatAreCounted() {
        backfill.audits().stream()
                .filter(audit ->
                        audit instanceof Audit.OnlyChanged && !write.comparing().isEmpty())
                .forEach(audit -> findings.refuse(
                        CONFLICTING_SETTINGS,
                        where + "audit " + audit.name(),
                        "a merge that compares what it overwrites, and so counts which columns differ",
                        "comparing(" + Findings.list(write.comparing()) + ")",
                        "Leave one of them out."));
    }

    private void stamps(List<String> columns) {
        if (backfill.merge().stamping().isPresent()) {
            columns("stamping", columns);
        }
        for (String column : columns) {
            stampedAnd(column, "scope", backfill.scope().columns());
            stampedAnd(column, "updating", write.updating());
            stampedAnd(column, "comparing", write.comparing());
        }
    }

    private void stampedAnd(String column, String setting, List<String> others) {
        if (others.stream().anyMatch(column::equalsIgnoreCase)) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where + "stamping",
                    "columns of which no other setting speaks, since the merge sets them by itself",
                    Findings.quoted(column) + " in " + setting + "(..) as well",
                    "Leave it out of one of them.");
        }
    }

    private void combinations() {
        if (write.rows() == Rows.INSERT_ONLY_MISSING
                && !(write.updating().isEmpty() && write.comparing().isEmpty())) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where + "insertOnlyMissing",
                    "no word on how rows are updated, since none is",
                    write.updating().isEmpty() ? "comparing(..) as well" : "updating(..) as well",
                    "Keep one of them.");
        }
        if (!write.equals(Write.EVERYTHING) && backfill.shadow().seed() == Seed.EMPTY) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where + "shadow",
                    "a shadow that holds the rows which updating, comparing, updateOnly and insertOnlyMissing speak of",
                    "emptyLikeTarget(), in which every row of the source is new",
                    "Use scopeOfTarget() or copyOfTarget(), or leave these settings out.");
        }
    }
}
