package dev.backstitch.plan;

import static dev.backstitch.spec.Audit.Severity.BLOCKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.golden.GoldenFile;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.TableName;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BuildGateTest {
    private static final String ONE_DAY = "select * from staging.flights where flight_date = :flight_date";
    private static final String BOTH_ENDS = "select :partition_start, :partition_end";
    private static final Scope JANUARY = range("2001-01-01", "2001-02-01");
    private static final Audit UNIQUE = new Audit.Unique(List.of("flight_id"), BLOCKING);

    /** A sound backfill, and what a test changes in it. */
    private record Flights(
            String name,
            String owner,
            String reason,
            Scope scope,
            Shadow<?> shadow,
            Merge merge,
            List<Audit> audits,
            Publish<?> publish) {
        static final Flights SOUND = new Flights(
                "flights",
                "data-eng@example.com",
                "buckets changed",
                JANUARY,
                new Shadow<>(Shadow.Seed.SCOPE_OF_TARGET, List.of()),
                BuildGateTest.merge(ONE_DAY),
                List.of(UNIQUE),
                new Publish.ReplacePartitions(Duration.ofDays(30)));

        Flights called(String other) {
            return new Flights(other, owner, reason, scope, shadow, merge, audits, publish);
        }

        Flights by(String otherOwner, String otherReason) {
            return new Flights(name, otherOwner, otherReason, scope, shadow, merge, audits, publish);
        }

        Flights over(Scope other) {
            return new Flights(name, owner, reason, other, shadow, merge, audits, publish);
        }

        Flights with(Shadow<?> other) {
            return new Flights(name, owner, reason, scope, other, merge, audits, publish);
        }

        Flights with(Merge other) {
            return new Flights(name, owner, reason, scope, shadow, other, audits, publish);
        }

        Flights audited(Audit... others) {
            return new Flights(name, owner, reason, scope, shadow, merge, List.of(others), publish);
        }

        Flights with(Publish<?> other) {
            return new Flights(name, owner, reason, scope, shadow, merge, audits, other);
        }

        List<Problem> problems() {
            return problemsIn("history");
        }

        List<Problem> problemsIn(String dag) {
            TableName target = TableName.parse("analytics.flights");
            return BuildGate.check(new Dag(
                    dag,
                    new Backfill(name, owner, reason, target, scope, shadow, merge, Limits.DEFAULT, audits, publish)));
        }
    }

    @Test
    void check_findsNothing_inASoundDag() {
        assertThat(Flights.SOUND.problems()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void check_letsPass(Flights sound) {
        assertThat(sound.problems()).isEmpty();
    }

    static Stream<Flights> check_letsPass() {
        Flights sound = Flights.SOUND;
        return Stream.of(
                sound.called("a.B-c_9").over(Scope.lastDays("flight_date", 1)),
                sound.called("n".repeat(64)).over(only("2001-01-03", "2001-01-01")),
                sound.over(range("2001-01-01", "2001-01-02")),
                sound.with(merge("with x as (select 1) select * from x where :partition_start < :partition_end")),
                sound.with(merge("-- x\nselect :partition, :partition;")),
                sound.with(new Shadow<>(Shadow.Seed.WHOLE_TARGET, List.of()))
                        .with(new Publish.SwapTable(Duration.ofDays(1))),
                sound.with(new Shadow<>(Shadow.Seed.EMPTY, List.of())
                        .adding("a", "int")
                        .adding("b", "int")),
                sound.audited(
                        UNIQUE,
                        custom("delays", "select 1 from :shadow s left join :target t using (id)"),
                        custom("more delays", "from :shadow")));
    }

    /** @param where the code of the one problem, and its place */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void check_refuses(String title, String where, Flights wrong) {
        assertThat(wrong.problems())
                .singleElement()
                .extracting(problem -> problem.code().code() + " " + problem.where())
                .isEqualTo(where);
    }

    static Stream<Arguments> check_refuses() {
        Flights sound = Flights.SOUND;
        return Stream.of(
                refused("a backfill without a name", "BF-101 backfill", sound.called("")),
                refused("a name with a space and a line break", "BF-101 backfill", sound.called("a b\n")),
                refused("a name that is too long", "BF-101 backfill", sound.called("n".repeat(65))),
                refused("no owner", "BF-107 flights.owner", sound.by(" ", "r")),
                refused("no reason", "BF-107 flights.because", sound.by("o", "\t")),
                refused(
                        "a scope that ends where it begins",
                        "BF-105 flights.scope",
                        sound.over(range("2001-02-01", "2001-02-01"))),
                refused(
                        "a scope that is turned around",
                        "BF-105 flights.scope",
                        sound.over(range("2001-02-01", "2001-01-01"))),
                refused(
                        "a scope of two thousand years",
                        "BF-105 flights.scope",
                        sound.over(range("0001-01-01", "2001-01-01"))),
                refused("the last 0 days", "BF-105 flights.scope", sound.over(Scope.lastDays("flight_date", 0))),
                refused("no day at all", "BF-105 flights.scope", sound.over(only())),
                refused(
                        "a day twice",
                        "BF-105 flights.scope",
                        sound.over(only("2001-01-03", "2001-01-01", "2001-01-03"))),
                refused(
                        "weeks that begin on a Tuesday",
                        "BF-105 flights.scope",
                        sound.over(weeks("2024-01-02", "2024-01-15")).with(merge(BOTH_ENDS))),
                refused(
                        "weeks by the bind of a day",
                        "BF-103 flights.merge",
                        sound.over(weeks("2024-01-01", "2024-01-15"))),
                refused(
                        "a value twice",
                        "BF-105 flights.scope",
                        sound.over(new Scope.Values("region", List.of("eu", "us", "eu")))
                                .with(merge("select * from f where region = :region"))),
                refused(
                        "values, and a query without a bind",
                        "BF-103 flights.merge",
                        sound.over(new Scope.Values("region", List.of("eu"))).with(merge("select * from f"))),
                refused(
                        "ids from 5 to 5",
                        "BF-105 flights.scope",
                        sound.over(new Scope.Ids("id", 5, 5, 1)).with(merge(BOTH_ENDS))),
                refused(
                        "ids in steps of 0",
                        "BF-105 flights.scope",
                        sound.over(new Scope.Ids("id", 1, 5, 0)).with(merge(BOTH_ENDS))),
                refused(
                        "one column in two factors",
                        "BF-105 flights.scope",
                        sound.over(new Scope.Product(List.of(JANUARY, JANUARY))).with(merge("select :flight_date"))),
                refused(
                        "days and regions, and a query for a day alone",
                        "BF-103 flights.merge",
                        sound.over(new Scope.Product(List.of(JANUARY, new Scope.Values("region", List.of("eu")))))
                                .with(merge("select * from f where d = :flight_date"))),
                refused(
                        "an exception in another column",
                        "BF-105 flights.scope",
                        sound.over(JANUARY.except(new Scope.Values("region", List.of("eu"))))),
                refused(
                        "an added column twice",
                        "BF-106 flights.shadow",
                        sound.with(new Shadow<>(
                                Shadow.Seed.EMPTY,
                                List.of(new AddedColumn("a", "int"), new AddedColumn("a", "bigint"))))),
                refused(
                        "an added column without a name",
                        "BF-101 flights.shadow",
                        sound.with(new Shadow<>(Shadow.Seed.EMPTY, List.of(new AddedColumn(" ", "int"))))),
                refused(
                        "an added column without a type",
                        "BF-107 flights.shadow",
                        sound.with(new Shadow<>(Shadow.Seed.EMPTY, List.of(new AddedColumn("a", ""))))),
                refused(
                        "a bind that is none",
                        "BF-102 flights.merge",
                        sound.with(merge("select :partition_begin, :partition"))),
                refused(
                        "a bind in quotes",
                        "BF-103 flights.merge",
                        sound.with(merge("select * from staging.flights where d = ':partition'"))),
                refused(
                        "a query with only one end of its partition",
                        "BF-103 flights.merge",
                        sound.with(merge("select * from f where flight_date >= :partition_start"))),
                refused(
                        "a string that doesn't end",
                        "BF-104 flights.merge, line 2, column 18",
                        sound.with(merge("select *\nfrom f where x = 'a and d = :partition"))),
                refused(
                        "a merge that deletes",
                        "BF-107 flights.merge",
                        sound.with(merge("delete from f where d = :partition"))),
                refused(
                        "a key with a column twice",
                        "BF-107 flights.keyedBy",
                        sound.with(merge(ONE_DAY, List.of("id", "id"), Optional.empty()))),
                refused(
                        "a key with a column without a name",
                        "BF-101 flights.keyedBy",
                        sound.with(merge(ONE_DAY, List.of("id", ""), Optional.empty()))),
                refused("no key", "BF-107 flights.keyedBy", sound.with(merge(ONE_DAY, List.of(), Optional.empty()))),
                refused(
                        "no column to dedupe by",
                        "BF-101 flights.dedupe",
                        sound.with(merge(ONE_DAY, List.of("id"), latestBy(" ")))),
                refused(
                        "deduping by a column of the key",
                        "BF-106 flights.dedupe",
                        sound.with(merge(ONE_DAY, List.of("id", "loaded_at"), latestBy("loaded_at")))),
                refused("no audit", "BF-107 flights.audit", sound.audited()),
                refused("two audits of one name", "BF-106 flights.audit", sound.audited(UNIQUE, UNIQUE.warning())),
                refused(
                        "an audit with a column twice",
                        "BF-107 flights.audit notNull(a, a)",
                        sound.audited(new Audit.NotNull(List.of("a", "a"), BLOCKING))),
                refused(
                        "an audit of a column without a name",
                        "BF-101 flights.audit unique( )",
                        sound.audited(new Audit.Unique(List.of(" "), BLOCKING))),
                refused(
                        "an audit's query with a partition",
                        "BF-102 flights.audit late",
                        sound.audited(custom("late", "select 1 from :shadow where d = :partition"))),
                refused(
                        "an audit's query that looks at the target alone",
                        "BF-107 flights.audit late",
                        sound.audited(custom("late", "select 1 from :target"))),
                refused(
                        "an audit that writes",
                        "BF-107 flights.audit late",
                        sound.audited(custom("late", "update :shadow set a = 1"))),
                refused(
                        "an audit with an open bracket",
                        "BF-104 flights.audit late, line 1, column 8",
                        sound.audited(custom("late", "select (1 from :shadow"))),
                refused(
                        "swapTable() of a part",
                        "BF-106 flights.publish",
                        sound.with(new Publish.SwapTable(Duration.ofDays(1)))),
                refused(
                        "repointView(..) of a part",
                        "BF-106 flights.publish",
                        sound.with(new Publish.RepointView(TableName.parse("bi.flights"), Duration.ofDays(1)))),
                refused(
                        "catching up with an empty shadow",
                        "BF-106 flights.publish",
                        sound.with(new Shadow<Coverage>(Shadow.Seed.EMPTY, List.of()))
                                .with(new Publish.ReplacePartitions(Duration.ofDays(1))
                                        .lateWrites(Publish.LateWrites.CATCH_UP))));
    }

    private static Arguments refused(String title, String where, Flights wrong) {
        return Arguments.of(title, where, wrong);
    }

    /** What people read of each of these, and of several at once; what the other gates of a build find is in its own test. */
    @Test
    void refusals_readAsInTheirFile() {
        GoldenFile golden = GoldenFile.beside(BuildGateTest.class, "build-gate-of-a-backfill.txt");
        check_refuses()
                .map(Arguments::get)
                .forEach(wrong -> golden.add((String) wrong[0], message("history", (Flights) wrong[2])));
        golden.add("all of it at once", message("ä", everythingWrong())).check();
    }

    private static String message(String dag, Flights wrong) {
        return String.valueOf(new RefusedException("dag " + dag, wrong.problemsIn(dag)).getMessage());
    }

    private static Flights everythingWrong() {
        return Flights.SOUND
                .called("a/b")
                .by("", "")
                .over(Scope.lastDays("", -1))
                .with(merge("select :x", List.of("", ""), latestBy("")))
                .audited(custom("", "delete from f"));
    }

    @Test
    void check_tellsEverythingAtOnce_inTheOrderOfTheDescription() {
        assertThat(everythingWrong().problemsIn("ä"))
                .extracting(Problem::where, problem -> problem.code().code())
                .map(tuple -> tuple.toList().toString())
                .containsExactly(
                        "[dag, BF-101]",
                        "[backfill, BF-101]",
                        "[backfill.owner, BF-107]",
                        "[backfill.because, BF-107]",
                        "[backfill.scope, BF-101]",
                        "[backfill.scope, BF-105]",
                        "[backfill.keyedBy, BF-101]",
                        "[backfill.keyedBy, BF-107]",
                        "[backfill.dedupe, BF-101]",
                        "[backfill.audit, BF-101]",
                        "[backfill.audit, BF-107]");
    }

    private static Scope range(String from, String to) {
        return Scope.days("flight_date", LocalDate.parse(from), LocalDate.parse(to));
    }

    private static Scope weeks(String from, String to) {
        return new Scope.Range(
                new Calendar("flight_date", Calendar.Unit.WEEKS, Optional.empty()),
                LocalDate.parse(from).atStartOfDay(),
                LocalDate.parse(to).atStartOfDay());
    }

    private static Scope only(String... days) {
        return Scope.onlyDays(
                "flight_date", Stream.of(days).map(LocalDate::parse).toList());
    }

    private static Merge merge(String sql) {
        return merge(sql, List.of("flight_id"), Optional.empty());
    }

    private static Merge merge(String sql, List<String> key, Optional<Merge.Dedupe> dedupe) {
        return new Merge(sql, key, dedupe, Optional.empty(), Merge.Emptiness.REFUSED);
    }

    private static Optional<Merge.Dedupe> latestBy(String column) {
        return Optional.of(new Merge.Dedupe.KeepLatestBy(column));
    }

    private static Audit custom(String name, String sql) {
        return new Audit.FindsNothing(name, sql, BLOCKING);
    }
}
