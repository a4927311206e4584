package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.INVALID_NAME;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.SqlTemplate;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What can be known to be wrong with audits without their database. Pure. */
final class AuditGate implements Audit.Cases<Boolean> {
    private static final List<String> BINDS = List.of("shadow", "target");

    /** What PostgreSQL, RE2 or Java read in different ways: looks around, references, possessive and other escapes. */
    private static final Pattern NOT_COMMON =
            Pattern.compile("\\(\\?|\\\\[^dwsDWS\\p{Punct}]|[*+?}]\\+|\\\\[0-9]|\\[\\[[:.=]");

    private final Findings findings;
    private String where = "";

    private AuditGate(Findings findings) {
        this.findings = findings;
    }

    static List<Problem> check(String where, List<Audit> audits) {
        Findings findings = new Findings();
        if (audits.isEmpty()) {
            findings.refuse(
                    INVALID_VALUE, where, "at least one audit", "none", "Declare what must hold before the publish.");
        }
        AuditGate gate = new AuditGate(findings);
        for (Audit audit : audits) {
            gate.where = audit.name().isBlank() ? where : where + " " + audit.name();
            audit.match(gate);
        }
        for (String name : Findings.repeated(audits.stream().map(Audit::name).toList())) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "each audit once",
                    "several that are called " + Findings.quoted(name),
                    "Remove one of them, or rename it.");
        }
        return findings.all();
    }

    @Override
    public Boolean unique(Audit.Unique unique) {
        findings.columns(where, unique.columns());
        return true;
    }

    @Override
    public Boolean notNull(Audit.NotNull notNull) {
        findings.columns(where, notNull.columns());
        return true;
    }

    @Override
    public Boolean references(Audit.References references) {
        findings.columns(where, references.columns());
        findings.columns(where, references.referenced());
        return true;
    }

    @Override
    public Boolean covers(Audit.Covers covers) {
        findings.columns(where, covers.columns());
        return true;
    }

    @Override
    public Boolean changed(Audit.Changed changed) {
        return true;
    }

    @Override
    public Boolean onlyChanged(Audit.OnlyChanged changed) {
        findings.columns(where, changed.columns());
        return true;
    }

    @Override
    public Boolean rows(Audit.Rows rows) {
        Rule rule = rows.rule();
        rule.column().ifPresent(column -> findings.columns(where, List.of(column)));
        if (rule instanceof Rule.Accepted accepted) {
            for (String value : Findings.repeated(accepted.values())) {
                findings.refuse(
                        INVALID_VALUE,
                        where,
                        "each value once",
                        Findings.quoted(value) + " more than once",
                        "Remove one of them.");
            }
        } else if (rule instanceof Rule.Matches matches) {
            pattern(matches.pattern());
        } else if (rule instanceof Rule.Satisfies satisfies) {
            expression(satisfies.condition());
        } else if (rule instanceof Rule.InRange range && range.least().compareTo(range.greatest()) > 0) {
            findings.refuse(
                    INVALID_VALUE,
                    where,
                    "a least value that is not above the greatest",
                    range.least().toPlainString() + " and " + range.greatest().toPlainString(),
                    "Exchange them.");
        }
        return true;
    }

    @Override
    public Boolean measured(Audit.Measured measured) {
        Metric metric = measured.metric();
        if (metric.kind() != Metric.Kind.ROW_COUNT) {
            expression(metric.expression());
        } else if (measured.live().isPresent()) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a number of rows, which is no figure of a column",
                    "againstLive(" + Findings.quoted(measured.live().get()) + ")",
                    "Leave it out.");
        }
        measured.live().ifPresent(this::expression);
        if (measured.live().isPresent() && !(measured.expected() instanceof Expectation.LikeLive)) {
            findings.refuse(
                    CONFLICTING_SETTINGS,
                    where,
                    "a comparison with the live table, of which againstLive(..) says what to compute",
                    measured.expected().toString(),
                    "Leave againstLive(..) out.");
        }
        return true;
    }

    @Override
    public Boolean findsNothing(Audit.FindsNothing custom) {
        if (custom.name().isBlank()) {
            findings.notBlank(INVALID_NAME, where, "a name for the audit", custom.name());
        }
        findings.query(where, custom.sql()).ifPresent(query -> {
            findings.onlyBinds(where, query.binds(), BINDS);
            if (!query.binds().contains("shadow")) {
                findings.refuse(
                        INVALID_VALUE,
                        where,
                        "a query that reads :shadow, which is what would be published",
                        query.binds().isEmpty() ? "no binds" : "no more than " + Findings.colons(query.binds()),
                        "Write :shadow in place of the table's name.");
            }
        });
        return true;
    }

    /** An expression stands in parentheses in a statement of ours, so that it must not end there by itself. */
    private void expression(String sql) {
        if (sql.isBlank()) {
            findings.notBlank(INVALID_VALUE, where, "an expression over the shadow's columns", sql);
            return;
        }
        findings.parsed(where, sql).ifPresent(template -> {
            findings.onlyBinds(where, template.binds(), List.of());
            if (!isOneExpression(template)) {
                findings.refuse(
                        INVALID_VALUE,
                        where,
                        "an expression over the shadow's columns",
                        "a query",
                        "Write a query as findsNothing(\"..\", \"select .. from :shadow ..\").");
            }
        });
    }

    private static boolean isOneExpression(SqlTemplate template) {
        return !Set.of("SELECT", "WITH", "FROM", "VALUES")
                .contains(template.firstWord().orElse(""));
    }

    private void pattern(String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            findings.refuse(
                    INVALID_VALUE,
                    where,
                    "a regular expression",
                    Findings.quoted(pattern) + ": " + e.getDescription() + " at " + e.getIndex(),
                    "Correct it.");
            return;
        }
        if (NOT_COMMON.matcher(pattern).find()) {
            findings.refuse(
                    INVALID_VALUE,
                    where,
                    "a regular expression that every database reads alike: literals, ., [..], (..), |, * + ? {m,n}, and"
                            + " \\d \\w \\s",
                    Findings.quoted(pattern),
                    "Simplify it, or write the condition as satisfies(..) in the database's own words.");
        }
    }
}
