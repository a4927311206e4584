package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.SqlTemplate.Bind;
import dev.backstitch.spec.SqlTemplate.Piece;
import dev.backstitch.spec.SqlTemplate.QuestionMark;
import dev.backstitch.spec.SqlTemplate.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads one statement as PostgreSQL and DuckDB read it, so far as it takes to tell a bind from a colon that is something
 * else. {@link SqlTemplate#parse} says by which rules. An instance reads once, on one thread.
 */
final class SqlLexer {
    /** What the token before the current place was. */
    private enum Preceding {
        /** The end of a value or a name: after it a bracket is a subscript, and a key may end. */
        OPERAND,
        /** The word ARRAY: after it a bracket holds elements. */
        ARRAY,
        /** An operator, a comma, an opening bracket, or nothing yet. */
        OTHER
    }

    /** What brackets the current place is directly in. */
    private enum Inside {
        PARENTHESES('(', ')'),
        SUBSCRIPT('[', ']'),
        ELEMENTS('[', ']'),
        /** Braces, where the colon behind the key has not come yet. */
        KEY('{', '}'),
        /** Braces, behind the key's colon. */
        VALUE('{', '}');

        private final char opening;
        private final char closing;

        Inside(char opening, char closing) {
            this.opening = opening;
            this.closing = closing;
        }
    }

    private record Opened(Inside inside, int at) {}

    private final String sql;
    private final List<Piece> pieces = new ArrayList<>();
    private final Deque<Opened> opened = new ArrayDeque<>();
    private Preceding preceding = Preceding.OTHER;
    private int at;
    private int tokenEnd;
    private int textStart;

    SqlLexer(String sql) {
        this.sql = requireNonNull(sql, "sql");
    }

    List<Piece> pieces() {
        skipTrivia();
        while (at < sql.length() && sql.charAt(at) != ';') {
            preceding = token();
            tokenEnd = at;
            skipTrivia();
        }
        if (tokenEnd == 0) {
            throw unreadable(0, "a statement", "no more than white space and comments", "Write the query.");
        }
        refuseSecondStatement();
        if (!opened.isEmpty()) {
            Opened last = opened.getLast();
            throw unreadable(
                    last.at(),
                    "a " + last.inside().closing + " for this " + last.inside().opening,
                    "the end of the statement",
                    "Close it.");
        }
        endText(tokenEnd);
        return List.copyOf(pieces);
    }

    /** The first word behind comments and opening parentheses, in upper case. */
    Optional<String> firstWord() {
        skipTrivia();
        while (next('(')) {
            at++;
            skipTrivia();
        }
        int start = at;
        while (at < sql.length() && isWordPart(sql.codePointAt(at))) {
            at += Character.charCount(sql.codePointAt(at));
        }
        return Optional.of(sql.substring(start, at).toUpperCase(Locale.ROOT)).filter(word -> !word.isEmpty());
    }

    private Preceding token() {
        char first = sql.charAt(at);
        return switch (first) {
            case '\'' -> plainString();
            case '"' -> quotedName();
            case '$' -> dollar();
            case ':' -> colon();
            case '?' -> questionMark();
            case ',' -> comma();
            case '(' -> open(Inside.PARENTHESES);
            case '[' -> open(preceding == Preceding.OPERAND ? Inside.SUBSCRIPT : Inside.ELEMENTS);
            case '{' -> open(Inside.KEY);
            case ')', ']', '}' -> close(first);
            default -> isWordPart(sql.codePointAt(at)) ? word() : operator();
        };
    }

    private Preceding operator() {
        at++;
        return Preceding.OTHER;
    }

    private Preceding questionMark() {
        endText(at);
        pieces.add(new QuestionMark());
        at++;
        textStart = at;
        return Preceding.OTHER;
    }

    private Preceding comma() {
        if (directlyIn(Inside.VALUE)) {
            opened.addLast(new Opened(Inside.KEY, opened.removeLast().at()));
        }
        return operator();
    }

    private Preceding colon() {
        if (sql.startsWith("::", at)) {
            at += 2;
            return Preceding.OTHER;
        }
        boolean endsKey = directlyIn(Inside.KEY) && preceding != Preceding.OTHER;
        if (endsKey) {
            opened.addLast(new Opened(Inside.VALUE, opened.removeLast().at()));
        }
        boolean touchesOperand = preceding != Preceding.OTHER && tokenEnd == at;
        int end = nameEnd(at + 1);
        if (endsKey || touchesOperand || directlyIn(Inside.SUBSCRIPT) || end == at + 1) {
            return operator();
        }
        endText(at);
        pieces.add(new Bind(sql.substring(at + 1, end)));
        at = end;
        textStart = end;
        return Preceding.OPERAND;
    }

    private Preceding word() {
        int start = at;
        while (at < sql.length() && (isWordPart(sql.codePointAt(at)) || next('$'))) {
            at += Character.charCount(sql.codePointAt(at));
        }
        String word = sql.substring(start, at);
        if (word.equalsIgnoreCase("e") && next('\'')) {
            return escapeString(start);
        }
        return word.equalsIgnoreCase("array") ? Preceding.ARRAY : Preceding.OPERAND;
    }

    private Preceding plainString() {
        // A doubled quote ends one string and begins the next, which comes to the same here.
        at = endOf("'", at, "string");
        return Preceding.OPERAND;
    }

    private Preceding quotedName() {
        at = endOf("\"", at, "quoted name");
        return Preceding.OPERAND;
    }

    private Preceding escapeString(int start) {
        do {
            at++;
            while (at < sql.length() && !next('\'')) {
                at += next('\\') ? 2 : 1;
            }
            if (at >= sql.length()) {
                throw endless(start, "string", "'");
            }
            at++;
        } while (next('\''));
        int end = at;
        skipTrivia();
        if (next('\'')) {
            throw unreadable(
                    start,
                    "an E'..' string in one part",
                    "one that goes on in another pair of quotes, where databases disagree about backslashes",
                    "Write it as one string or join the parts with ||.");
        }
        at = end;
        return Preceding.OPERAND;
    }

    private Preceding dollar() {
        int tagEnd = nameEnd(at + 1);
        if (tagEnd < sql.length() && sql.charAt(tagEnd) == '$') {
            String delimiter = sql.substring(at, tagEnd + 1);
            int close = sql.indexOf(delimiter, tagEnd + 1);
            if (close < 0) {
                throw endless(at, "dollar-quoted string", delimiter);
            }
            at = close + delimiter.length();
            return Preceding.OPERAND;
        }
        int markerEnd = at + 1;
        while (markerEnd < sql.length() && isWordPart(sql.codePointAt(markerEnd))) {
            markerEnd += Character.charCount(sql.codePointAt(markerEnd));
        }
        if (markerEnd > at + 1) {
            throw unreadable(
                    at,
                    "named binds such as :partition_start",
                    "the marker " + sql.substring(at, markerEnd),
                    "Write binds as :name; other markers cannot be mixed with them.");
        }
        return operator();
    }

    private Preceding open(Inside inside) {
        opened.addLast(new Opened(inside, at));
        return operator();
    }

    private Preceding close(char bracket) {
        if (opened.isEmpty()) {
            throw unreadable(at, "an opening bracket before this " + bracket, "none", "Remove it or open it.");
        }
        Opened last = opened.removeLast();
        if (last.inside().closing != bracket) {
            throw unreadable(
                    at,
                    "a " + last.inside().closing + " for the " + last.inside().opening + " at " + place(last.at()),
                    "a " + bracket,
                    "Close the brackets in the order in which they were opened.");
        }
        at++;
        return Preceding.OPERAND;
    }

    private void refuseSecondStatement() {
        while (next(';')) {
            at++;
            skipTrivia();
        }
        if (at < sql.length()) {
            throw unreadable(at, "one statement", "a second one behind the semicolon", "Keep one of them.");
        }
    }

    /** White space and comments. */
    private void skipTrivia() {
        while (at < sql.length()) {
            if (isSpace(sql.codePointAt(at))) {
                at++;
            } else if (sql.startsWith("--", at)) {
                while (at < sql.length() && !next('\n') && !next('\r')) {
                    at++;
                }
            } else if (sql.startsWith("/*", at)) {
                skipBlockComment();
            } else {
                return;
            }
        }
    }

    private void skipBlockComment() {
        int start = at;
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else if (at < sql.length()) {
                at++;
            } else {
                throw endless(start, "comment", "*/");
            }
        } while (depth > 0);
    }

    private int endOf(String delimiter, int start, String what) {
        int close = sql.indexOf(delimiter, start + 1);
        if (close < 0) {
            throw endless(start, what, delimiter);
        }
        return close + delimiter.length();
    }

    /** Where a name that begins here ends; the same place when none does. */
    private int nameEnd(int start) {
        int end = start;
        while (end < sql.length()) {
            int point = sql.codePointAt(end);
            boolean belongs = end == start ? isNameStart(point) : isWordPart(point);
            if (!belongs) {
                break;
            }
            end += Character.charCount(point);
        }
        return end;
    }

    private void endText(int end) {
        if (end > textStart) {
            pieces.add(new Text(sql.substring(textStart, end)));
        }
    }

    private boolean directlyIn(Inside inside) {
        return !opened.isEmpty() && opened.getLast().inside() == inside;
    }

    private boolean next(char expected) {
        return at < sql.length() && sql.charAt(at) == expected;
    }

    /** A space beyond ASCII is one to DuckDB and a letter to PostgreSQL, which refuses it wherever it was meant as a space. */
    private static boolean isSpace(int point) {
        return (point >= '\t' && point <= '\r') || Character.isSpaceChar(point);
    }

    private static boolean isNameStart(int point) {
        return isWordPart(point) && !(point >= '0' && point <= '9');
    }

    /** Both databases take every other character beyond ASCII for a letter. */
    private static boolean isWordPart(int point) {
        return (point >= 'a' && point <= 'z')
                || (point >= 'A' && point <= 'Z')
                || (point >= '0' && point <= '9')
                || point == '_'
                || (point >= 0x80 && !isSpace(point));
    }

    private RefusedException endless(int start, String what, String delimiter) {
        return unreadable(
                start,
                "a " + delimiter + " that ends the " + what + " begun here",
                "the end of the text",
                "Close the " + what + ".");
    }

    private RefusedException unreadable(int where, String expected, String found, String fix) {
        return new RefusedException(
                "the SQL", List.of(new Problem(ErrorCode.UNREADABLE_SQL, place(where), expected, found, fix)));
    }

    private String place(int where) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < where; i++) {
            boolean crBeforeLf = sql.charAt(i) == '\r' && i + 1 < sql.length() && sql.charAt(i + 1) == '\n';
            if ((sql.charAt(i) == '\n' || sql.charAt(i) == '\r') && !crBeforeLf) {
                line++;
                lineStart = i + 1;
            }
        }
        return "line " + line + ", column " + (sql.codePointCount(lineStart, where) + 1);
    }
}
