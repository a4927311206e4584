package dev.backstitch.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class SqlTemplateFuzzTest {
    private static final int STATEMENTS = 2_000;

    /** Each is whole by itself; «name» is a bind and ‽ an operator, as in the table of hostile statements. */
    private static final List<String> PHRASES = List.of(
            "«a»",
            "«größe»",
            "‽",
            "‽|",
            "'x :b ?'",
            "'it''s :b'",
            "'\\'",
            "E'\\':b\\\\'",
            "e''':b\\''",
            "\"q:b ?\"",
            "\"a\"\":b\"",
            "$$ :b ' ? $$",
            "$t$ $$ :b \" $t$",
            "-- :b ' ? (\n",
            "/* :b ' ? [ */",
            "/* /* :b */ ? */",
            "word",
            "w$1",
            "42",
            "x::date",
            "«c»::text",
            "x:b",
            "f(«d»)",
            "array[«e»]",
            "arr[:b]",
            "arr[1:b]",
            "{a :b, 'c': «f»}",
            "(",
            ")",
            ",",
            "+",
            ":=",
            "=>",
            "@>",
            "😀");

    /** Characters that begin or end something. */
    private static final String ALPHABET = "'\"$$::??()[]{}--/**/;\\\n\r eEa1_,=é\u00a0";

    @RepeatedTest(20)
    void parse_findsJustTheBinds_inAnyOrderOfPhrases(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        for (int i = 0; i < STATEMENTS; i++) {
            String annotated = statement(random);
            String sql = annotated.replaceAll("«([^»]+)»", ":$1").replace('‽', '?');

            SqlTemplate template = SqlTemplate.parse(sql);

            assertThat(SqlTemplateTest.annotated(template)).as(sql).isEqualTo(annotated);
            assertThat(template.asWritten()).isEqualTo(sql);
        }
    }

    @RepeatedTest(20)
    void parse_keepsOrRefuses_anyText(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        int read = 0;
        for (int i = 0; i < STATEMENTS; i++) {
            String sql = noise(random);
            try {
                SqlTemplate template = SqlTemplate.parse(sql);
                assertThat(sql).startsWith(template.asWritten());
                assertThat(SqlTemplate.parse(template.asWritten())).isEqualTo(template);
                read++;
            } catch (RefusedException refused) {
                assertThat(refused.code()).isEqualTo(ErrorCode.UNREADABLE_SQL);
            }
        }
        assertThat(read).isBetween(STATEMENTS / 20, STATEMENTS - STATEMENTS / 20);
    }

    /** Balanced phrases with spaces or line ends between them, which is what keeps each as it is by itself. */
    private static String statement(Random random) {
        StringBuilder sql = new StringBuilder("select");
        int open = 0;
        for (int phrases = 1 + random.nextInt(12); phrases > 0; phrases--) {
            String phrase = PHRASES.get(random.nextInt(PHRASES.size()));
            if (phrase.equals(")") && open == 0) {
                continue;
            }
            open += phrase.equals("(") ? 1 : phrase.equals(")") ? -1 : 0;
            // Two strings in a row are a different matter when the first is an E string.
            sql.append(random.nextBoolean() ? " + " : "\n- ").append(phrase);
        }
        return sql.append(" )".repeat(open)).append(" end").toString();
    }

    private static String noise(Random random) {
        StringBuilder sql = new StringBuilder("a");
        for (int length = random.nextInt(12); length > 0; length--) {
            sql.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return sql.toString();
    }
}
