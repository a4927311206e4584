package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * SQL of the user's, taken apart into text and named binds.
 *
 * @param pieces in order; put together they are the statement
 */
public record SqlTemplate(List<Piece> pieces) {
    public SqlTemplate {
        pieces = List.copyOf(pieces);
    }

    /**
     * Takes one statement apart, as PostgreSQL and DuckDB read it.
     *
     * <p>A colon and a name are a bind, except inside comments ({@code --} and nested {@code /* *}{@code /}), strings
     * ({@code '..'}, {@code E'..'}, {@code $tag$..$tag$}) and quoted names, and except where the colon
     *
     * <ul>
     *   <li>is half of a cast {@code ::} or an assignment {@code :=};
     *   <li>touches the end of a name, a number, a string, a bind or a bracket, as in {@code v:amount};
     *   <li>ends a key directly within braces, as in {@code {'a': 1}} or {@code {a :x}};
     *   <li>stands directly within a subscript, where it could be a slice, as in {@code list[:n]}. Brackets behind a
     *       word, a value or a closing bracket are a subscript; behind {@code ARRAY}, an operator or a comma they hold
     *       elements. A bind within a subscript is written in parentheses: {@code list[(:n)]}.
     * </ul>
     *
     * <p>A question mark outside of these is the developer's own operator. Semicolons, white space and comments behind the
     * statement are left out, so that text may follow it; all else is kept to the letter.
     *
     * @throws dev.backstitch.error.RefusedException with {@code UNREADABLE_SQL}, line and column when a comment, string,
     *     quoted name or bracket doesn't end, when there is no statement or more than one, when it holds a marker such as
     *     {@code $1}, or when an {@code E'..'} string goes on in a second pair of quotes
     */
    public static SqlTemplate parse(String sql) {
        return new SqlTemplate(new SqlLexer(sql).pieces());
    }

    /** A piece of a statement. */
    public sealed interface Piece {
        /** The piece as it is written in the user's SQL. */
        String asWritten();
    }

    /** Text that is passed on as it is. It holds no question mark that a driver could take for a marker. */
    public record Text(String text) implements Piece {
        public Text {
            requireNonNull(text, "text");
        }

        @Override
        public String asWritten() {
            return text;
        }
    }

    /** A question mark of the user's own, such as an operator: each driver has its way to escape it. */
    public record QuestionMark() implements Piece {
        @Override
        public String asWritten() {
            return "?";
        }
    }

    /** A named bind, {@code :name} in the text. */
    public record Bind(String name) implements Piece {
        public Bind {
            requireNonNull(name, "name");
        }

        @Override
        public String asWritten() {
            return ":" + name;
        }
    }

    /** The names of the binds, in order of appearance, once each. */
    public List<String> binds() {
        return pieces.stream()
                .filter(Bind.class::isInstance)
                .map(piece -> ((Bind) piece).name())
                .distinct()
                .toList();
    }

    /** The statement as it was written, binds as {@code :name}. */
    public String asWritten() {
        return pieces.stream().map(Piece::asWritten).collect(Collectors.joining());
    }

    /** Its first word behind comments and opening parentheses, in upper case, such as {@code SELECT}. */
    public Optional<String> firstWord() {
        return new SqlLexer(asWritten()).firstWord();
    }
}
