package dev.backstitch.spec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import dev.backstitch.spec.SqlTemplate.Bind;
import dev.backstitch.spec.SqlTemplate.Piece;
import dev.backstitch.spec.SqlTemplate.QuestionMark;
import dev.backstitch.spec.SqlTemplate.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SqlTemplateTest {
    static Stream<Arguments> hostileStatements() throws IOException {
        try (InputStream table = SqlTemplateTest.class.getResourceAsStream("hostile-statements.txt")) {
            String text = new String(Objects.requireNonNull(table).readAllBytes(), UTF_8);
            return Arrays.stream(text.split("(?m)^### "))
                    .skip(1)
                    .map(block -> block.split("\n", 2))
                    .map(block -> Arguments.of(block[0], block[1].substring(0, block[1].length() - 1)))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileStatements")
    void parse_findsJustTheBinds(String name, String annotated) {
        String sql = annotated.replaceAll("«([^»]+)»", ":$1").replace('‽', '?');

        SqlTemplate template = SqlTemplate.parse(sql);

        assertThat(annotated(template)).isEqualTo(annotated);
        assertThat(template.asWritten()).isEqualTo(sql);
    }

    @Test
    void hostileStatements_areMany() throws IOException {
        assertThat(hostileStatements()).hasSizeGreaterThanOrEqualTo(130);
    }

    @Test
    void parse_joinsTextBetweenBinds() {
        assertThat(SqlTemplate.parse("select /* x */ 'a', :b::date -- c\n, d ? 'e'")
                        .pieces())
                .containsExactly(
                        new Text("select /* x */ 'a', "),
                        new Bind("b"),
                        new Text("::date -- c\n, d "),
                        new QuestionMark(),
                        new Text(" 'e'"));
    }

    @Test
    void parse_endsLineComments_atCarriageReturns() {
        assertThat(annotated(SqlTemplate.parse("select 1 -- :a\r, :b"))).isEqualTo("select 1 -- :a\r, «b»");
    }

    @ParameterizedTest
    @MethodSource
    void parse_leavesOut_whatFollowsTheStatement(String tail) {
        assertThat(SqlTemplate.parse("select :a -- b\n from f" + tail).asWritten())
                .isEqualTo("select :a -- b\n from f");
    }

    static Stream<String> parse_leavesOut_whatFollowsTheStatement() {
        return Stream.of("", ";", " ;", ";;", "\n", " ; \n", "; -- it's :x ?", "/* x */;/* y */", " -- x", "\t\r\n\f");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void parse_refuses_whatItCannotRead(String name, String sql, String message) {
        assertThatThrownBy(() -> SqlTemplate.parse(sql)).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.UNREADABLE_SQL);
            assertThat(refused.problems()).singleElement().hasToString("BF-104 " + message);
        });
    }

    static Stream<Arguments> parse_refuses_whatItCannotRead() {
        return Stream.of(
                Arguments.of(
                        "string",
                        "select 1,\n  'it''s",
                        "line 2, column 7: expected a ' that ends the string begun here, found the end of the text."
                                + " Close the string."),
                Arguments.of(
                        "string that ends with a backslash and a quote",
                        "select E'a\\'",
                        "line 1, column 8: expected a ' that ends the string begun here, found the end of the text."
                                + " Close the string."),
                Arguments.of(
                        "string that ends with a backslash",
                        "select E'a\\",
                        "line 1, column 8: expected a ' that ends the string begun here, found the end of the text."
                                + " Close the string."),
                Arguments.of(
                        "quoted name",
                        "select \"a from f",
                        "line 1, column 8: expected a \" that ends the quoted name begun here, found the end of the text."
                                + " Close the quoted name."),
                Arguments.of(
                        "comment",
                        "select 1\r\n/* a /* b */",
                        "line 2, column 1: expected a */ that ends the comment begun here, found the end of the text."
                                + " Close the comment."),
                Arguments.of(
                        "comment behind the statement",
                        "select 1; /*",
                        "line 1, column 11: expected a */ that ends the comment begun here, found the end of the text."
                                + " Close the comment."),
                Arguments.of(
                        "dollar quote",
                        "select $a$ x $$ y",
                        "line 1, column 8: expected a $a$ that ends the dollar-quoted string begun here, found the end"
                                + " of the text. Close the dollar-quoted string."),
                Arguments.of(
                        "escape string in two parts",
                        "select E'a' -- b\n '\\''",
                        "line 1, column 8: expected an E'..' string in one part, found one that goes on in another"
                                + " pair of quotes, where databases disagree about backslashes. Write it as one"
                                + " string or join the parts with ||."),
                Arguments.of(
                        "numbered marker",
                        "select *\rfrom f where d = $1",
                        "line 2, column 18: expected named binds such as :partition_start, found the marker $1."
                                + " Write binds as :name; other markers cannot be mixed with them."),
                Arguments.of(
                        "named marker",
                        "select $day",
                        "line 1, column 8: expected named binds such as :partition_start, found the marker $day."
                                + " Write binds as :name; other markers cannot be mixed with them."),
                Arguments.of(
                        "second statement",
                        "select 1;\nselect 2",
                        "line 2, column 1: expected one statement, found a second one behind the semicolon."
                                + " Keep one of them."),
                Arguments.of(
                        "second statement behind comments",
                        "select '😀'; -- a\n /* b */ ; drop table f;",
                        "line 2, column 12: expected one statement, found a second one behind the semicolon."
                                + " Keep one of them."),
                Arguments.of(
                        "nothing",
                        "",
                        "line 1, column 1: expected a statement, found no more than white space and comments."
                                + " Write the query."),
                Arguments.of(
                        "comments only",
                        " -- select 1\n;",
                        "line 1, column 1: expected a statement, found no more than white space and comments."
                                + " Write the query."),
                Arguments.of(
                        "bracket too many",
                        "select 1) from (select 2",
                        "line 1, column 9: expected an opening bracket before this ), found none."
                                + " Remove it or open it."),
                Arguments.of(
                        "bracket that is left open",
                        "select (1 + (2)",
                        "line 1, column 8: expected a ) for this (, found the end of the statement. Close it."),
                Arguments.of(
                        "brackets crossed",
                        "select (a[1)]",
                        "line 1, column 12: expected a ] for the [ at line 1, column 10, found a )."
                                + " Close the brackets in the order in which they were opened."));
    }

    @ParameterizedTest
    @MethodSource
    void firstWord_isFound_behindCommentsAndParentheses(String sql, String word) {
        assertThat(SqlTemplate.parse(sql).firstWord().orElse("none")).isEqualTo(word);
    }

    static Stream<Arguments> firstWord_isFound_behindCommentsAndParentheses() {
        return Stream.of(
                Arguments.of("select 1", "SELECT"),
                Arguments.of("-- delete\n/* update */ ( (With x as (select 1) select 2))", "WITH"),
                Arguments.of("delete from f", "DELETE"),
                Arguments.of("'a'", "none"),
                Arguments.of(":a", "none"));
    }

    @Test
    void binds_areNamedOnce_inOrderOfAppearance() {
        assertThat(SqlTemplate.parse("select :b, :a, :b").binds()).isEqualTo(List.of("b", "a"));
    }

    static String annotated(SqlTemplate template) {
        return template.pieces().stream().map(SqlTemplateTest::annotated).collect(joining());
    }

    private static String annotated(Piece piece) {
        if (piece instanceof Bind bind) {
            return "«" + bind.name() + "»";
        }
        return piece instanceof QuestionMark ? "‽" : piece.asWritten();
    }
}
