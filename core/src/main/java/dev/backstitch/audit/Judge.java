package dev.backstitch.audit;

import dev.backstitch.audit.Verdict.Kind;
import dev.backstitch.audit.Verdict.Outcome;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Measure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says what must be measured for the declared audits, and judges what was. Pure. */
final class Judge {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final List<Audit> audits;

    Judge(List<Audit> audits) {
        this.audits = audits;
    }

    Set<Measure> measures() {
        Set<Measure> measures = new LinkedHashSet<>();
        for (Audit audit : audits) {
            if (audit instanceof Audit.Unique unique) {
                measures.add(new Measure.DuplicateGroups(unique.columns()));
            } else if (audit instanceof Audit.NotNull notNull) {
                measures.add(new Measure.RowsWithNull(notNull.columns()));
            } else if (audit instanceof Audit.FindsNothing query) {
                measures.add(new Measure.RowsFound(query.sql()));
            }
        }
        return measures;
    }

    List<Verdict> judge(Evidence evidence) {
        List<Verdict> verdicts = new ArrayList<>();
        for (Audit audit : audits) {
            verdicts.add(judge(audit, evidence));
        }
        return verdicts;
    }

    private Verdict judge(Audit audit, Evidence evidence) {
        if (audit instanceof Audit.Unique unique) {
            long groups = evidence.value(new Measure.DuplicateGroups(unique.columns()));
            return verdict(audit, groups == 0, "no value twice", groups + " values more than once");
        }
        if (audit instanceof Audit.NotNull notNull) {
            long rows = evidence.value(new Measure.RowsWithNull(notNull.columns()));
            return verdict(audit, rows == 0, "no null", rows + " rows with a null");
        }
        if (audit instanceof Audit.RowCountWithin within) {
            return judgeRowCount(within, evidence);
        }
        Audit.FindsNothing query = (Audit.FindsNothing) audit;
        long rows = evidence.value(new Measure.RowsFound(query.sql()));
        return verdict(audit, rows == 0, "no row", rows + " rows");
    }

    private static Verdict judgeRowCount(Audit.RowCountWithin within, Evidence evidence) {
        long live =
                evidence.partitions().stream().mapToLong(PartitionRows::target).sum();
        long shadow =
                evidence.partitions().stream().mapToLong(PartitionRows::shadow).sum();
        BigDecimal allowed = within.percent().multiply(BigDecimal.valueOf(live));
        BigDecimal difference = BigDecimal.valueOf(Math.abs(shadow - live)).multiply(HUNDRED);
        return verdict(
                within,
                difference.compareTo(allowed) <= 0,
                live + " rows, as live has, within " + within.percent().toPlainString() + "%",
                shadow + " rows" + share(shadow - live, live));
    }

    private static String share(long difference, long live) {
        if (live == 0) {
            return "";
        }
        BigDecimal percent = BigDecimal.valueOf(difference)
                .multiply(HUNDRED)
                .divide(BigDecimal.valueOf(live), MathContext.DECIMAL64)
                .setScale(3, RoundingMode.HALF_UP);
        return " (" + (difference > 0 ? "+" : "") + percent.toPlainString() + "%)";
    }

    private static Verdict verdict(Audit audit, boolean passed, String expected, String observed) {
        return new Verdict(
                audit.name(),
                audit.severity() == Severity.BLOCKING ? Kind.BLOCKING : Kind.WARNING,
                passed ? Outcome.PASSED : Outcome.FAILED,
                expected,
                observed);
    }
}
