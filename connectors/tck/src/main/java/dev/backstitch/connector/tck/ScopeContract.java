package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of scope on one table: its merges read their partitions and no others, the evidence counts rows where they
 * lie, a replace leaves the rest alone, and a write where the publish overwrites is noticed.
 *
 * <p>The table {@code app.events} holds a row for each half hour of October 26 to 28, 2024, UTC, in which Berlin's clock
 * goes back an hour; in two regions; and three rows without a place.
 */
abstract class ScopeContract extends Contract {
    ScopeContract(Callable<Warehouse> open) {
        super(open);
    }

    /** Partitions by these columns, and how SQL tells them apart. */
    record Kind(String name, List<Partition> partitions, String condition, List<String> columns) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Kind HOURS =
            kind("hours", times("ts", "2024-10-27T00:00", 6), "ts >= :partition_start and ts < :partition_end", "ts");
    /** Seven of them in the six hours of Berlin's clock from midnight on. */
    private static final Kind ZONED_HOURS = kind(
            "zoned hours",
            instants("ts_tz", "2024-10-26T22:00:00Z", 1, 1, 1, 1, 1, 1, 1),
            "ts_tz >= :partition_start and ts_tz < :partition_end",
            "ts_tz");

    private static final Kind ZONED_DAYS = kind(
            "zoned days",
            instants("ts_tz", "2024-10-25T22:00:00Z", 24, 25, 24),
            "ts_tz >= :partition_start and ts_tz < :partition_end",
            "ts_tz");
    private static final Kind ZONED_DAYS_OF_UTC = kind(
            "zoned days of utc",
            instants("ts", "2024-10-25T22:00:00Z", 24, 25, 24),
            "ts >= :partition_start and ts < :partition_end",
            "ts");
    private static final Kind DAYS_OF_A_TIMESTAMP = kind(
            "days of a timestamp",
            days("ts", "2024-10-26", "2024-10-27", "2024-10-28"),
            "ts >= :partition_start and ts < :partition_end",
            "ts");
    private static final Kind WEEKS = kind(
            "weeks",
            days("day", "2024-10-21", "2024-10-28", "2024-11-04"),
            "day >= :partition_start and day < :partition_end",
            "day");
    private static final Kind MONTHS = kind(
            "months",
            days("day", "2024-09-01", "2024-10-01", "2024-11-01", "2024-12-01"),
            "day >= :partition_start and day < :partition_end",
            "day");
    private static final Kind VALUES = kind("values", eachOf("region", "eu", "o'b/r%n"), "region = :region", "region");
    private static final Kind NUMBERS = kind("numbers", eachOf("store", "1", "2"), "store = :partition", "store");
    private static final Kind AMOUNTS =
            kind("amounts", eachOf("amount", "1.50", "2.250"), "amount = :amount", "amount");
    private static final Kind FLAGS = kind("flags", eachOf("flag", "true"), "flag = :flag", "flag");
    private static final Kind IDS =
            kind("ids", ids(30, 0, 30, 60, 90), "id >= :partition_start and id < :partition_end", "id");
    private static final Kind PRODUCT = kind(
            "product",
            product(days("day", "2024-10-26", "2024-10-27", "2024-10-28"), eachOf("region", "eu", "us")),
            "day = :day and region = :region",
            "day",
            "region");
    private static final Kind PRODUCT_OF_RANGES = kind(
            "product of ranges",
            product(instants("ts_tz", "2024-10-25T22:00:00Z", 24, 25, 24), ids(50, 0, 50, 100, 150)),
            "ts_tz >= :ts_tz_start and ts_tz < :ts_tz_end and id >= :id_start and id < :id_end",
            "ts_tz",
            "id");
    private static final Kind WITH_A_GAP = kind(
            "with a gap",
            List.of(
                    days("day", "2024-10-28", "2024-10-29").get(0),
                    days("day", "2024-10-26", "2024-10-27").get(0)),
            "day = :partition",
            "day");

    static Stream<Kind> kinds() {
        return Stream.of(
                HOURS,
                ZONED_HOURS,
                ZONED_DAYS,
                ZONED_DAYS_OF_UTC,
                DAYS_OF_A_TIMESTAMP,
                WEEKS,
                MONTHS,
                VALUES,
                NUMBERS,
                AMOUNTS,
                FLAGS,
                IDS,
                PRODUCT,
                PRODUCT_OF_RANGES,
                WITH_A_GAP);
    }

    /** Those of which each is limited in another way. */
    static Stream<Kind> unlikeKinds() {
        return Stream.of(
                ZONED_HOURS, ZONED_DAYS_OF_UTC, MONTHS, VALUES, FLAGS, IDS, PRODUCT, PRODUCT_OF_RANGES, WITH_A_GAP);
    }

    /** Fewer of them. */
    static Stream<Kind> mostUnlikeKinds() {
        return Stream.of(ZONED_DAYS_OF_UTC, VALUES, IDS, PRODUCT_OF_RANGES, WITH_A_GAP);
    }

    private static Kind kind(String name, List<Slice> slices, String condition, String... columns) {
        return new Kind(
                name,
                slices.stream()
                        .map(slice -> new Partition(slice.toString(), slice))
                        .toList(),
                condition,
                List.of(columns));
    }

    private static List<Slice> times(String column, String first, int count) {
        LocalDateTime from = LocalDateTime.parse(first);
        return IntStream.range(0, count)
                .<Slice>mapToObj(i -> new Slice.Times(column, from.plusHours(i), from.plusHours(i + 1)))
                .toList();
    }

    private static List<Slice> instants(String column, String first, int... hours) {
        List<Slice> slices = new ArrayList<>();
        Instant from = Instant.parse(first);
        for (int length : hours) {
            Instant to = from.plus(Duration.ofHours(length));
            slices.add(new Slice.Instants(column, from, to));
            from = to;
        }
        return slices;
    }

    private static List<Slice> days(String column, String... bounds) {
        return IntStream.range(0, bounds.length - 1)
                .<Slice>mapToObj(
                        i -> new Slice.Days(column, LocalDate.parse(bounds[i]), LocalDate.parse(bounds[i + 1])))
                .toList();
    }

    private static List<Slice> eachOf(String column, String... values) {
        return Stream.of(values)
                .<Slice>map(value -> new Slice.Value(column, value))
                .toList();
    }

    private static List<Slice> ids(long step, long... starts) {
        return LongStream.of(starts)
                .<Slice>mapToObj(start -> new Slice.Numbers("id", start, start + step))
                .toList();
    }

    private static List<Slice> product(List<Slice> slow, List<Slice> fast) {
        return slow.stream()
                .flatMap(one -> fast.stream().<Slice>map(other -> new Slice.Product(List.of(one, other))))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aRun_replacesItsPartitions_countsThemWhereTheyLie_andLeavesTheRest(Kind kind) {
        events();
        WorkOrder order = audited(kind);
        List<String> restBefore = rest(kind);

        Evidence evidence = connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        connector().publishes().publish(order, Interrupt.never());

        for (Evidence.PartitionRows partition : evidence.partitions()) {
            long counted = count("app.events_before where " + literal(kind, partition.partition()));
            assertThat(partition.target())
                    .as("live rows of %s", partition.partition())
                    .isEqualTo(counted);
            assertThat(partition.shadow())
                    .as("rows of %s", partition.partition())
                    .isEqualTo(counted);
        }
        assertThat(evidence.partitions().stream()
                        .mapToLong(Evidence.PartitionRows::target)
                        .sum())
                .isEqualTo(count("app.events where note = 'new'"))
                .isPositive();
        assertThat(rest(kind)).isEqualTo(restBefore).isNotEmpty();
        assertThat(rows("select id, note from app.events where id > 900"))
                .hasSize(3)
                .allMatch(row -> row.endsWith("old"));
        assertThat(connector().ledger().entries(order)).hasSize(order.scope().size());
    }

    @ParameterizedTest
    @MethodSource("unlikeKinds")
    void aWriteInTheScope_isNoticed_andOneOutsideIsNot(Kind kind) {
        events();
        WorkOrder order = audited(kind);
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);

        sql("update app.events set note = 'late' where not (" + inScope(kind) + ")");
        sql("update app.events set note = 'late' where id = (select max(id) from app.events where " + inScope(kind)
                + ")");

        failure(ErrorCode.DRIFT, () -> connector().publishes().publish(order, Interrupt.never()));
        assertThat(connector().ledger().head(order.target().name()).map(Head::state))
                .contains(Head.State.AUDITED);
    }

    @ParameterizedTest
    @MethodSource("mostUnlikeKinds")
    void aWriteOutsideTheScope_doesNotHinderThePublish(Kind kind) {
        events();
        WorkOrder order = audited(kind);
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);

        sql("update app.events set note = 'late' where not (" + inScope(kind) + ")");
        sql("update app.events set note = 'late' where id > 900");
        connector().publishes().publish(order, Interrupt.never());

        assertThat(count("app.events where note = 'late'")).isPositive();
        assertThat(count("app.events where note = 'new'")).isEqualTo(count("app.events where " + inScope(kind)));
    }

    @ParameterizedTest
    @MethodSource
    void aRowOfAnotherPartition_isRefused(Kind kind, String wrong) {
        events();
        WorkOrder order = begun(draft(kind, "select * from app.fresh where " + wrong));

        failure(ErrorCode.ROW_OUTSIDE_PARTITION, () -> merge(order, 0));
    }

    static Stream<Arguments> aRowOfAnotherPartition_isRefused() {
        return Stream.of(
                Arguments.of(ZONED_HOURS, "id = 11 and cast(:partition_start as varchar) <> ''"),
                Arguments.of(VALUES, "region <> :region"),
                Arguments.of(IDS, "id >= :partition_start"),
                Arguments.of(PRODUCT, "day = :day"),
                Arguments.of(FLAGS, "id > 900 and cast(:flag as varchar) <> ''"));
    }

    private WorkOrder audited(Kind kind) {
        WorkOrder order = begun(draft(kind, "select * from app.fresh where " + kind.condition()));
        for (Partition partition : order.scope()) {
            connector().merges().merge(order, partition, Interrupt.never());
        }
        return order;
    }

    private WorkOrder draft(Kind kind, String sql) {
        TableInfo target = fixture().table("app.events");
        return new OrderDraft(target)
                .scope(kind.partitions(), kind.columns().toArray(String[]::new))
                .sql(sql)
                .allowingEmpty()
                .build();
    }

    private void events() {
        sql("create table app.events (id bigint, ts timestamp, ts_tz timestamp with time zone, day date,"
                + " region varchar(10), store integer, amount decimal(10, 2), flag boolean, note varchar(10))");
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 144; i++) {
            String ts = LocalDateTime.of(2024, 10, 26, 0, 0)
                            .plusMinutes(30L * i)
                            .toString()
                            .replace('T', ' ') + ":00";
            events.add("(" + i + ", timestamp '" + ts + "', timestamp with time zone '" + ts + "+00', date '"
                    + ts.substring(0, 10) + "', "
                    + List.of("'eu'", "'us'", "'o''b/r%n'").get(i % 3) + ", " + i % 4 + ", "
                    + (i % 2 == 0 ? "1.50" : "2.25") + ", " + (i % 2 == 0) + ", 'old')");
        }
        for (int id = 901; id <= 903; id++) {
            events.add("(" + id + ", null, null, null, null, null, null, null, 'old')");
        }
        sql("insert into app.events values " + String.join(", ", events));
        sql("create table app.events_before as select * from app.events");
        sql("create table app.fresh as select * from app.events", "update app.fresh set note = 'new'");
    }

    private long count(String from) {
        return Long.parseLong(rows("select count(*) from " + from).get(0));
    }

    private List<String> rest(Kind kind) {
        return rows("select id, note from app.events where not coalesce(" + inScope(kind) + ", false) order by id");
    }

    private static String inScope(Kind kind) {
        return kind.partitions().stream()
                .map(partition -> "(" + literal(partition) + ")")
                .reduce((one, other) -> one + " or " + other)
                .map(all -> "(" + all + ")")
                .orElseThrow();
    }

    private static String literal(Kind kind, String id) {
        return kind.partitions().stream()
                .filter(partition -> partition.id().equals(id))
                .map(ScopeContract::literal)
                .findFirst()
                .orElseThrow();
    }

    /** A partition's condition written by hand from its slice, one factor after the other. */
    private static String literal(Partition partition) {
        return partition.slice().factors().stream()
                .map(Literals::condition)
                .reduce((one, other) -> one + " and " + other)
                .orElseThrow();
    }
}
