package dev.backstitch.plan;

import static dev.backstitch.spec.Audit.Severity.BLOCKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.Problem;
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

    @ParameterizedTest
    @MethodSource
    void check_refuses(Flights wrong, String problem) {
        assertThat(wrong.problems()).singleElement().hasToString(problem);
    }

    static Stream<Arguments> check_refuses() {
        Flights sound = Flights.SOUND;
        String naming = "expected a name of 1 to 64 letters, digits, dots, underscores and hyphens, found ";
        return Stream.of(
                Arguments.of(sound.called(""), "BF-101 backfill: " + naming + "\"\". Rename it."),
                Arguments.of(sound.called("a b\n"), "BF-101 backfill: " + naming + "\"a b \". Rename it."),
                Arguments.of(
                        sound.called("n".repeat(65)),
                        "BF-101 backfill: " + naming + "\"" + "n".repeat(65) + "\". Rename it."),
                Arguments.of(
                        sound.by(" ", "r"),
                        "BF-107 flights.owner: expected who answers for it, found nothing but white space. Fill it in."),
                Arguments.of(
                        sound.by("o", "\t"),
                        "BF-107 flights.because: expected the reason for it, found nothing but white space. Fill it in."),
                Arguments.of(
                        sound.over(range("2001-02-01", "2001-02-01")),
                        "BF-105 flights.scope: expected a first day before the day after the last one, found from"
                                + " 2001-02-01 to 2001-02-01. Move one of them; the day in to(..) itself is not"
                                + " recomputed."),
                Arguments.of(
                        sound.over(range("2001-02-01", "2001-01-01")),
                        "BF-105 flights.scope: expected a first day before the day after the last one, found from"
                                + " 2001-02-01 to 2001-01-01. Move one of them; the day in to(..) itself is not"
                                + " recomputed."),
                Arguments.of(
                        sound.over(range("0001-01-01", "2001-01-01")),
                        "BF-105 flights.scope: expected at most 100000 partitions, found 730485 of them. Check its"
                                + " bounds, or divide it into several backfills."),
                Arguments.of(
                        sound.over(Scope.lastDays("flight_date", 0)),
                        "BF-105 flights.scope: expected at least one day, found the last 0. Ask for more."),
                Arguments.of(
                        sound.over(only()), "BF-105 flights.scope: expected at least one day, found none. Name one."),
                Arguments.of(
                        sound.over(only("2001-01-03", "2001-01-01", "2001-01-03")),
                        "BF-105 flights.scope: expected each day once, found 2001-01-03 more than once."
                                + " Remove one of them."),
                Arguments.of(
                        sound.over(weeks("2024-01-02", "2024-01-15")).with(merge(BOTH_ENDS)),
                        "BF-105 flights.scope: expected the beginning of a week, found 2024-01-02. Use 2024-01-01 or"
                                + " 2024-01-08."),
                Arguments.of(
                        sound.over(weeks("2024-01-01", "2024-01-15")),
                        "BF-103 flights.merge: expected a query that reads one partition: with :partition_start and"
                                + " :partition_end, found no more than :flight_date. Limit it, as in: where flight_date >="
                                + " :partition_start and flight_date < :partition_end."),
                Arguments.of(
                        sound.over(new Scope.Values("region", List.of("eu", "us", "eu")))
                                .with(merge("select * from f where region = :region")),
                        "BF-105 flights.scope: expected each value once, found \"eu\" more than once. Remove one of"
                                + " them."),
                Arguments.of(
                        sound.over(new Scope.Values("region", List.of("eu"))).with(merge("select * from f")),
                        "BF-103 flights.merge: expected a query that reads one partition: with :partition or :region,"
                                + " found no binds. Limit it, as in: where region = :region."),
                Arguments.of(
                        sound.over(new Scope.Ids("id", 5, 5, 1)).with(merge(BOTH_ENDS)),
                        "BF-105 flights.scope: expected a first number before the number after the last one, found from 5"
                                + " to 5. Move one of them; the number in to(..) itself is not recomputed."),
                Arguments.of(
                        sound.over(new Scope.Ids("id", 1, 5, 0)).with(merge(BOTH_ENDS)),
                        "BF-105 flights.scope: expected a step of at least 1, found 0. Choose a larger one."),
                Arguments.of(
                        sound.over(new Scope.Product(List.of(JANUARY, JANUARY))).with(merge("select :flight_date")),
                        "BF-105 flights.scope: expected factors over different columns, found \"flight_date\" in two of"
                                + " them. Use except(..) or one scope to combine partitions of one column."),
                Arguments.of(
                        sound.over(new Scope.Product(List.of(JANUARY, new Scope.Values("region", List.of("eu")))))
                                .with(merge("select * from f where d = :flight_date")),
                        "BF-103 flights.merge: expected a query that reads one partition: with :flight_date_start and"
                                + " :flight_date_end, and with :region, found no more than :flight_date, which leave"
                                + " \"region\" open. Limit it, as in: where flight_date >= :flight_date_start and"
                                + " flight_date < :flight_date_end and region = :region."),
                Arguments.of(
                        sound.over(JANUARY.except(new Scope.Values("region", List.of("eu")))),
                        "BF-105 flights.scope: expected an exception by the columns of the scope, [flight_date], found one"
                                + " by [region]. Write it in the same columns."),
                Arguments.of(
                        sound.with(new Shadow<>(
                                Shadow.Seed.EMPTY,
                                List.of(new AddedColumn("a", "int"), new AddedColumn("a", "bigint")))),
                        "BF-106 flights.shadow: expected each added column once, found \"a\" as int and as bigint."
                                + " Remove one of them."),
                Arguments.of(
                        sound.with(new Shadow<>(Shadow.Seed.EMPTY, List.of(new AddedColumn(" ", "int")))),
                        "BF-101 flights.shadow: expected a name for the added column, found nothing but white space."
                                + " Fill it in."),
                Arguments.of(
                        sound.with(new Shadow<>(Shadow.Seed.EMPTY, List.of(new AddedColumn("a", "")))),
                        "BF-107 flights.shadow: expected a type for the added column \"a\", found nothing but white"
                                + " space. Fill it in."),
                Arguments.of(
                        sound.with(merge("select :partition_begin, :partition")),
                        "BF-102 flights.merge: expected one of :partition_start, :partition_end, :partition,"
                                + " :flight_date, found :partition_begin. Correct the name, or write the value itself."),
                Arguments.of(
                        sound.with(merge("select * from staging.flights where d = ':partition'")),
                        "BF-103 flights.merge: expected a query that reads one partition: with :partition_start and"
                                + " :partition_end, or with :partition, found no binds. Limit it, as in: where"
                                + " flight_date >= :partition_start and flight_date < :partition_end."),
                Arguments.of(
                        sound.with(merge("select * from f where flight_date >= :partition_start")),
                        "BF-103 flights.merge: expected a query that reads one partition: with :partition_start and"
                                + " :partition_end, or with :partition, found no more than :partition_start. Limit it,"
                                + " as in: where flight_date >= :partition_start and flight_date < :partition_end."),
                Arguments.of(
                        sound.with(merge("select *\nfrom f where x = 'a and d = :partition")),
                        "BF-104 flights.merge, line 2, column 18: expected a ' that ends the string begun here, found"
                                + " the end of the text. Close the string."),
                Arguments.of(
                        sound.with(merge("delete from f where d = :partition")),
                        "BF-107 flights.merge: expected a query that begins with SELECT or WITH, found one that begins"
                                + " with DELETE. Write a query; Backstitch does the writing."),
                Arguments.of(
                        sound.with(merge(ONE_DAY, List.of("id", "id"), Optional.empty())),
                        "BF-107 flights.keyedBy: expected each column once, found \"id\" more than once."
                                + " Remove one of them."),
                Arguments.of(
                        sound.with(merge(ONE_DAY, List.of("id", ""), Optional.empty())),
                        "BF-101 flights.keyedBy: expected the name of a column, found nothing but white space."
                                + " Fill it in."),
                Arguments.of(
                        sound.with(merge(ONE_DAY, List.of(), Optional.empty())),
                        "BF-107 flights.keyedBy: expected at least one column, found none. Name one."),
                Arguments.of(
                        sound.with(merge(ONE_DAY, List.of("id"), latestBy(" "))),
                        "BF-101 flights.dedupe: expected the column that tells which row is the latest, found nothing"
                                + " but white space. Fill it in."),
                Arguments.of(
                        sound.with(merge(ONE_DAY, List.of("id", "loaded_at"), latestBy("loaded_at"))),
                        "BF-106 flights.dedupe: expected a column in which rows with one key differ, found"
                                + " keepLatestBy(\"loaded_at\"), a column of keyedBy(\"id\", \"loaded_at\")."
                                + " Choose another column."),
                Arguments.of(
                        sound.audited(),
                        "BF-107 flights.audit: expected at least one audit, found none. Declare what must hold before"
                                + " the publish."),
                Arguments.of(
                        sound.audited(UNIQUE, UNIQUE.warning()),
                        "BF-106 flights.audit: expected each audit once, found several that are called"
                                + " \"unique(flight_id)\". Remove one of them, or rename it."),
                Arguments.of(
                        sound.audited(new Audit.NotNull(List.of("a", "a"), BLOCKING)),
                        "BF-107 flights.audit notNull(a, a): expected each column once, found \"a\" more than once."
                                + " Remove one of them."),
                Arguments.of(
                        sound.audited(new Audit.Unique(List.of(" "), BLOCKING)),
                        "BF-101 flights.audit unique( ): expected the name of a column, found nothing but white space."
                                + " Fill it in."),
                Arguments.of(
                        sound.audited(custom("late", "select 1 from :shadow where d = :partition")),
                        "BF-102 flights.audit late: expected one of :shadow, :target, found :partition. Correct the"
                                + " name, or write the value itself."),
                Arguments.of(
                        sound.audited(custom("late", "select 1 from :target")),
                        "BF-107 flights.audit late: expected a query that reads :shadow, which is what would be"
                                + " published, found no more than :target. Write :shadow in place of the table's"
                                + " name."),
                Arguments.of(
                        sound.audited(custom("late", "update :shadow set a = 1")),
                        "BF-107 flights.audit late: expected a query that begins with SELECT or WITH, found one that"
                                + " begins with UPDATE. Write a query; Backstitch does the writing."),
                Arguments.of(
                        sound.audited(custom("late", "select (1 from :shadow")),
                        "BF-104 flights.audit late, line 1, column 8: expected a ) for this (, found the end of the"
                                + " statement. Close it."),
                Arguments.of(
                        sound.with(new Publish.SwapTable(Duration.ofDays(1))),
                        "BF-106 flights.publish: expected a shadow that holds the whole target, since swapTable() puts"
                                + " it in the target's place, found a shadow seeded as SCOPE_OF_TARGET. Use"
                                + " copyOfTarget(), or replacePartitions()."),
                Arguments.of(
                        sound.with(new Publish.RepointView(TableName.parse("bi.flights"), Duration.ofDays(1))),
                        "BF-106 flights.publish: expected a shadow that holds the whole target, since repointView(..) puts"
                                + " it in the target's place, found a shadow seeded as SCOPE_OF_TARGET. Use"
                                + " copyOfTarget(), or replacePartitions()."),
                Arguments.of(
                        sound.with(new Shadow<Coverage>(Shadow.Seed.EMPTY, List.of()))
                                .with(new Publish.ReplacePartitions(Duration.ofDays(1))
                                        .lateWrites(Publish.LateWrites.CATCH_UP)),
                        "BF-106 flights.publish: expected a shadow seeded with just the rows that the publish overwrites,"
                                + " since lateWrites(catchUp()) brings those in and no others, found a shadow seeded as"
                                + " EMPTY. Use scopeOfTarget(), or leave lateWrites(..) out."));
    }

    @Test
    void check_tellsEverythingAtOnce_inTheOrderOfTheDescription() {
        Flights wrong = Flights.SOUND
                .called("a/b")
                .by("", "")
                .over(Scope.lastDays("", -1))
                .with(merge("select :x", List.of("", ""), latestBy("")))
                .audited(custom("", "delete from f"));

        assertThat(wrong.problemsIn("ä"))
                .extracting(Problem::where, problem -> problem.code().code())
                .map(tuple -> tuple.toList().toString())
                .containsExactly(
                        "[dag, BF-101]",
                        "[backfill, BF-101]",
                        "[backfill.owner, BF-107]",
                        "[backfill.because, BF-107]",
                        "[backfill.scope, BF-101]",
                        "[backfill.scope, BF-105]",
                        "[backfill.merge, BF-102]",
                        "[backfill.merge, BF-103]",
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
