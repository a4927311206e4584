package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.INVALID_NAME;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;
import static dev.backstitch.error.ErrorCode.UNKNOWN_BIND;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.SqlTemplate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The problems that a gate has found so far, and what several gates look at alike. Not thread-safe. */
final class Findings {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final List<String> QUERIES = List.of("SELECT", "WITH", "FROM");

    private final List<Problem> problems = new ArrayList<>();

    List<Problem> all() {
        return List.copyOf(problems);
    }

    void addAll(List<Problem> others) {
        problems.addAll(others);
    }

    /** The statement taken apart, where it can be read and is a query. */
    Optional<SqlTemplate> query(String where, String sql) {
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

    Optional<SqlTemplate> parsed(String where, String sql) {
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

    void onlyBinds(String where, List<String> binds, List<String> known) {
        for (String bind : binds) {
            if (!known.contains(bind)) {
                refuse(
                        UNKNOWN_BIND,
                        where,
                        known.isEmpty() ? "no binds, since it is not run for partitions" : "one of " + colons(known),
                        ":" + bind,
                        known.isEmpty()
                                ? "Write the value itself; only the query of a merge is run for partitions."
                                : "Correct the name, or write the value itself.");
            }
        }
    }

    void columns(String where, List<String> columns) {
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

    void notBlank(ErrorCode code, String where, String expected, String value) {
        if (value.isBlank()) {
            refuse(code, where, expected, "nothing but white space", "Fill it in.");
        }
    }

    void refuse(ErrorCode code, String where, String expected, String found, String fix) {
        problems.add(new Problem(code, where, expected, found, fix));
    }

    /** As it is written in the language. */
    static String word(Shadow.Seed seed) {
        return switch (seed) {
            case WHOLE_TARGET -> "copyOfTarget()";
            case SCOPE_OF_TARGET -> "scopeOfTarget()";
            case EMPTY -> "emptyLikeTarget()";
        };
    }

    /** As it is written in the language. */
    static String word(Merge.Dedupe rule) {
        if (rule.by().isEmpty()) {
            return "identicalRows()";
        }
        return switch (rule.end()) {
                    case LATEST -> "keepLatestBy(";
                    case FIRST -> "keepFirstBy(";
                }
                + list(rule.by()) + ")";
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static <T> Set<T> repeated(List<T> values) {
        Set<T> seen = new HashSet<>();
        return values.stream().filter(value -> !seen.add(value)).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    static String colons(List<String> names) {
        return names.stream().map(name -> ":" + name).collect(Collectors.joining(", "));
    }

    static String list(List<String> names) {
        return names.stream().map(Findings::quoted).collect(Collectors.joining(", "));
    }

    /** In quotes, on one line, and no longer than a line. */
    static String quoted(String value) {
        String line = value.replaceAll("\\p{Cntrl}", " ");
        return '"' + (line.length() > 80 ? line.substring(0, 80) + ".." : line) + '"';
    }
}
