package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.SqlTemplate;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * PostgreSQL itself judges the tokenizer: statements of hostile parts are prepared with their binds, and give the row that
 * the server gives for the same statement with the value written in their place, which no tokenizer of ours has seen.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileSqlTest {
    private static final int STATEMENTS = 150;
    private static final String DAY = "2001-01-02";

    /** Expressions of one text each; «day» is the bind and ‽ an operator's question mark. */
    private static final List<String> EXPRESSIONS = List.of(
            "'it''s :day ?'",
            "E'\\' :day ?'",
            "e'a\\\\'",
            "U&'d\\0061t :day'",
            "N'national :day ?'",
            "$$ :day ? ' $$",
            "$q$ :day $$ ? \" $q$",
            "(select \"a:day\" from (select 'v' as \"a:day\") q)",
            "(select \"a\"\"?:day\" from (select 'v' as \"a\"\"?:day\") q)",
            "«day»::text",
            "(«day»+1)::text",
            "(«day» - «day»)::text",
            "cast(«day» as text)",
            "to_char(«day», 'YYYY:MM:DD')",
            "to_char(«day»::timestamp, 'HH24:MI:SS')",
            "(array['x',«day»::text])[2]",
            "array_to_string((array[1,2,3])[1:2], ':')",
            "array_to_string((array[1,2,3])[:2], '?')",
            "('{\"day\":1}'::jsonb ‽ 'day')::text",
            "('{\"a\":1}'::jsonb ‽| array['a','b'])::text",
            "('{\"a\":1}'::jsonb ‽& array['a','b'])::text",
            "('{\"a\":{\"b\":\":day\"}}'::jsonb #>> '{a,b}')",
            "(point '(1,2)' ‽- point '(3,2)')::text",
            "('10:20:30'::time)::text",
            "case when «day» > date '2000-01-01' then ':day' else '?' end",
            "(5 operator(pg_catalog.-) 3)::text",
            "(1<>2 and 2>=1)::text",
            "(- -1)::text",
            "make_date(year=>2001, month =>1, day=> 3)::text",
            "concat(':day', «day», $x$:day$x$)",
            "(select string_agg(w, ':') from unnest(array[«day»::text, '?']) as t(w))");

    private static final List<String> SEPARATORS = List.of(
            " ",
            "\n",
            "\t",
            " /* :day ' $$ ? */ ",
            " /* a /* :day */ ? */ ",
            " -- :day ' $$ ?\n",
            "\n--\n",
            " /**/ ",
            "\r\n");

    private Warehouse warehouse;

    @BeforeAll
    void begin() throws SQLException {
        warehouse = Warehouse.create();
    }

    @AfterAll
    void end() throws SQLException {
        warehouse.close();
    }

    @RepeatedTest(4)
    void whatIsBound_isWhatTheServerUnderstands(RepetitionInfo repetition) throws SQLException {
        Random random = new Random(repetition.getCurrentRepetition());
        try (Connection connection = warehouse.connect()) {
            for (int i = 0; i < STATEMENTS; i++) {
                String hostile = statement(random);
                assertThat(bound(connection, hostile)).as(hostile).isEqualTo(written(connection, hostile));
            }
        }
    }

    private static String statement(Random random) {
        StringBuilder sql = new StringBuilder(pick(SEPARATORS, random)).append("select");
        int expressions = 1 + random.nextInt(8);
        for (int i = 0; i < expressions; i++) {
            sql.append(i == 0 ? "" : ",")
                    .append(pick(SEPARATORS, random))
                    .append(pick(EXPRESSIONS, random))
                    .append(pick(SEPARATORS, random));
        }
        return sql.toString();
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    /** By the tokenizer, and a prepared statement. */
    private static List<String> bound(Connection connection, String hostile) throws SQLException {
        StringBuilder text = new StringBuilder();
        int binds = 0;
        for (SqlTemplate.Piece piece : SqlTemplate.parse(
                        hostile.replace("«day»", ":day").replace("‽", "?"))
                .pieces()) {
            if (piece instanceof SqlTemplate.Text words) {
                text.append(words.text());
            } else if (piece instanceof SqlTemplate.Bind bind) {
                assertThat(bind.name()).isEqualTo("day");
                text.append("cast(? as date)");
                binds++;
            } else {
                text.append("??");
            }
        }
        assertThat(binds).as(hostile).isEqualTo(hostile.split("«day»", -1).length - 1);
        try (PreparedStatement prepared = connection.prepareStatement(text.toString())) {
            assertThat(prepared.getParameterMetaData().getParameterCount()).isEqualTo(binds);
            for (int i = 1; i <= binds; i++) {
                prepared.setDate(i, Date.valueOf(DAY));
            }
            return row(prepared.executeQuery());
        }
    }

    /** By the server alone: a statement without parameters, which the driver sends as it is. */
    private static List<String> written(Connection connection, String hostile) throws SQLException {
        try (Statement plain = connection.createStatement()) {
            plain.setEscapeProcessing(false);
            return row(plain.executeQuery(
                    hostile.replace("«day»", "cast(date '" + DAY + "' as date)").replace("‽", "?")));
        }
    }

    private static List<String> row(ResultSet result) throws SQLException {
        assertThat(result.next()).isTrue();
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            values.add(result.getString(i));
        }
        return values;
    }
}
