package dev.backstitch.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.dsl.Compiler.CompileError;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What must not be written cannot be: each case is a sound backfill, which compiles, with one thing wrong. */
class DoesNotCompileTest {
    /** Every verb on a line of its own, so that the line of an error tells which verb it is about. */
    private static final String SOUND = """
            import static dev.backstitch.dsl.Dsl.*;
            import static java.time.Duration.*;

            import dev.backstitch.spec.*;

            class Flights {
                static final Backfill FLIGHTS = backfill("flights")
                    .owner("data-eng@example.com")
                    .because("buckets changed")
                    .target(table("analytics.flights"))
                    .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
                    .shadow(copyOfTarget())
                    .merge("select 1")
                    .keyedBy("flight_id")
                    .allowingEmpty()
                    .audit(unique("flight_id"))
                    .publish(swapTable().keepingArchiveFor(ofDays(30)));
                static final Dag DAG = dag("flights")
                    .run(FLIGHTS);
            }
            """;

    private static final String NOT_THERE = "cannot find symbol";
    private static final String NOT_FITTING = "incompatible types";
    private static final String NO_SUITABLE = "no suitable method";
    private static final String NOT_CALLED_SO = "cannot be applied to given types";

    @Test
    void soundText_compiles() {
        assertThat(Compiler.errorsOf(SOUND)).isEmpty();
    }

    @ParameterizedTest(name = "{0} instead of {1}")
    @MethodSource
    void soundText_compiles_alsoWith(String replacement, String part) {
        assertThat(Compiler.errorsOf(replaced(part, replacement))).isEmpty();
    }

    static Stream<Arguments> soundText_compiles_alsoWith() {
        return Stream.of(
                Arguments.of("replacePartitions()", "swapTable()"),
                Arguments.of("repointView(\"bi.flights\")", "swapTable()"),
                Arguments.of("copyOfTarget().adding(\"a\", \"int\")", "copyOfTarget()"),
                Arguments.of("", ".allowingEmpty()"),
                Arguments.of(
                        "audit(unique(\"flight_id\"), warning(rowCount().within(percent(1))))",
                        "audit(unique(\"flight_id\"))"),
                Arguments.of("keyedBy(\"carrier\", \"flight_id\")", "keyedBy(\"flight_id\")"));
    }

    @ParameterizedTest
    @MethodSource("scopeOnlyShadows")
    void soundText_compiles_whenItReplacesPartitions_ofAShadow(String shadow) {
        String source = replaced("copyOfTarget()", shadow).replace("swapTable()", "replacePartitions()");

        assertThat(Compiler.errorsOf(source)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scopeOnlyShadows")
    void swap_doesNotCompile_forAShadowOfTheScope(String shadow) {
        assertRefused(replaced("copyOfTarget()", shadow), ".publish(swapTable()", NOT_FITTING);
    }

    @ParameterizedTest
    @MethodSource("scopeOnlyShadows")
    void repoint_doesNotCompile_forAShadowOfTheScope(String shadow) {
        String source = replaced("copyOfTarget()", shadow).replace("swapTable()", "repointView(\"bi.flights\")");

        assertRefused(source, ".publish(repointView(", NOT_FITTING);
    }

    static Stream<String> scopeOnlyShadows() {
        return Stream.of(
                "scopeOfTarget()",
                "emptyLikeTarget()",
                "scopeOfTarget().adding(\"a\", \"int\")",
                "(Shadow<?>) copyOfTarget()");
    }

    @ParameterizedTest(name = "without {0}")
    @MethodSource
    void text_doesNotCompile_without(String verb, String errorAt) {
        String source = SOUND.lines()
                .filter(line -> !line.strip().startsWith(verb))
                .reduce("", (text, line) -> text + line + "\n");

        assertRefused(source, errorAt, NOT_THERE);
    }

    static Stream<Arguments> text_doesNotCompile_without() {
        return Stream.of(
                Arguments.of(".owner(", ".because("),
                Arguments.of(".because(", ".target("),
                Arguments.of(".target(", ".scope("),
                Arguments.of(".scope(", ".shadow("),
                Arguments.of(".shadow(", ".merge("),
                Arguments.of(".merge(", ".keyedBy("),
                Arguments.of(".keyedBy(", ".allowingEmpty("),
                Arguments.of(".audit(", ".publish("));
    }

    @ParameterizedTest(name = "{1} instead of {0}")
    @MethodSource
    void text_doesNotCompile_with(String part, String replacement, String errorAt, String message) {
        assertRefused(replaced(part, replacement), errorAt, message);
    }

    static Stream<Arguments> text_doesNotCompile_with() {
        return Stream.of(
                // Something that is needed is missing within a verb.
                Arguments.of("audit(unique(\"flight_id\"))", "audit()", ".audit(", NOT_CALLED_SO),
                Arguments.of("keyedBy(\"flight_id\")", "keyedBy()", ".keyedBy(", NOT_CALLED_SO),
                Arguments.of("unique(\"flight_id\")", "unique()", ".audit(", NOT_CALLED_SO),
                Arguments.of("unique(\"flight_id\")", "notNull()", ".audit(", NOT_CALLED_SO),
                Arguments.of("unique(\"flight_id\")", "rowCount()", ".audit(", NOT_FITTING),
                Arguments.of(".keepingArchiveFor(ofDays(30))", "", ".publish(", NOT_FITTING),
                Arguments.of("ofDays(30)", "", ".publish(", NOT_CALLED_SO),
                Arguments.of(".to(\"2001-02-01\")", "", ".scope(", NOT_FITTING),
                Arguments.of(".from(\"2001-01-01\").to(\"2001-02-01\")", ".only()", ".scope(", "no suitable method"),
                // A number without its unit.
                Arguments.of("ofDays(30)", "30", ".publish(", NOT_FITTING),
                Arguments.of("unique(\"flight_id\")", "rowCount().within(2)", ".audit(", NO_SUITABLE),
                Arguments.of("unique(\"flight_id\")", "satisfies(\"a > b\").tolerating(1)", ".audit(", NOT_FITTING),
                // A figure or a column without what it should be.
                Arguments.of("unique(\"flight_id\")", "sum(\"delay\")", ".audit(", NOT_FITTING),
                Arguments.of("unique(\"flight_id\")", "rowCount().againstSource()", ".audit(", NOT_FITTING),
                Arguments.of("unique(\"flight_id\")", "sum(\"delay\").ratioToLive(2)", ".audit(", NOT_FITTING),
                Arguments.of("unique(\"flight_id\")", "median(\"delay\").againstSource()", ".audit(", NOT_THERE),
                Arguments.of("unique(\"flight_id\")", "range(\"delay\")", ".audit(", NOT_FITTING),
                Arguments.of("unique(\"flight_id\")", "acceptedValues(\"origin\")", ".audit(", NOT_CALLED_SO),
                Arguments.of("unique(\"flight_id\")", "unique(\"a\").perPartition()", ".audit(", NOT_THERE),
                // A scope without an end, a step or a zone of its own.
                Arguments.of(
                        "days(\"flight_date\").from(\"2001-01-01\").to(\"2001-02-01\")",
                        "ids(\"flight_id\").from(1).to(9)",
                        ".scope(",
                        NOT_FITTING),
                Arguments.of(
                        "days(\"flight_date\").from(\"2001-01-01\").to(\"2001-02-01\")",
                        "weeks(\"flight_date\").lastDays(3)",
                        ".scope(",
                        NOT_THERE),
                Arguments.of(
                        "days(\"flight_date\").from",
                        "days(\"flight_date\").in(java.time.ZoneOffset.UTC).in(java.time.ZoneOffset.UTC).from",
                        ".scope(",
                        NOT_THERE),
                Arguments.of(".run(FLIGHTS)", ".run(FLIGHTS).task(FLIGHTS)", ".run(", NOT_FITTING),
                Arguments.of(".run(FLIGHTS)", ".run(FLIGHTS).then(call(\"n\", 1, c -> {}))", ".run(", NOT_FITTING),
                Arguments.of(".run(FLIGHTS)", ".run(FLIGHTS).publishTogether(FLIGHTS)", ".run(", NOT_CALLED_SO),
                // Something comes twice, or at the wrong place.
                Arguments.of(
                        ".publish(swapTable().keepingArchiveFor(ofDays(30)))",
                        ".publish(swapTable().keepingArchiveFor(ofDays(30)))\n"
                                + ".publish(replacePartitions().keepingArchiveFor(ofDays(30)))",
                        ".publish(replacePartitions()",
                        NOT_CALLED_SO),
                Arguments.of(
                        ".audit(unique(\"flight_id\"))",
                        ".audit(unique(\"flight_id\"))\n.audit(notNull(\"flight_id\"))",
                        ".audit(notNull(",
                        NOT_THERE),
                Arguments.of(
                        ".audit(unique(\"flight_id\"))",
                        ".audit(unique(\"flight_id\"))\n.limits(concurrency(2))",
                        ".limits(",
                        NOT_THERE),
                Arguments.of(
                        ".shadow(copyOfTarget())\n        .merge(\"select 1\")",
                        ".merge(\"select 1\")\n.shadow(copyOfTarget())",
                        ".merge(",
                        NOT_THERE),
                // A dag of something unfinished.
                Arguments.of(
                        ".run(FLIGHTS)", ".run(backfill(\"flights\").owner(\"o\"))", ".run(backfill(", NOT_FITTING));
    }

    private static void assertRefused(String source, String errorAt, String message) {
        List<CompileError> errors = Compiler.errorsOf(source);

        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.line()).startsWith(errorAt);
            assertThat(error.message()).contains(message);
        });
    }

    private static String replaced(String part, String replacement) {
        assertThat(SOUND).containsOnlyOnce(part);
        return SOUND.replace(part, replacement);
    }
}
