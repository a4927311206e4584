package dev.backstitch.connector.tck;

import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Merge.AtMost;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Merge.Emptiness;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Publish.LateWrites;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An order for the tests' table, by default for its three middle days, seeded by them and published in their place. */
final class OrderDraft {
    private static final Duration RETENTION = Duration.ofDays(30);

    private final TableInfo target;
    private final List<AddedColumn> added = new ArrayList<>();
    private String run = "r1";
    private String sql =
            "select id, day, airline, delay from app.source where day >= :partition_start and day < :partition_end";
    private List<String> key = List.of("id");
    private List<String> partitionColumns = List.of("day");
    private Optional<List<Partition>> partitions = Optional.empty();
    private Seed seed = Seed.SCOPE_OF_TARGET;
    private Publish<?> publish = new Publish.ReplacePartitions(RETENTION);
    private Optional<Dedupe> dedupe = Optional.empty();
    private Optional<AtMost> deletingMissing = Optional.empty();
    private Emptiness empty = Emptiness.REFUSED;
    private Write write = Write.EVERYTHING;
    private Optional<Stamping> stamping = Optional.empty();
    private Optional<ViewInfo> view = Optional.empty();
    private int firstDay = 2;
    private int days = 3;

    OrderDraft(TableInfo target) {
        this.target = target;
    }

    OrderDraft run(String id) {
        run = id;
        return this;
    }

    OrderDraft sql(String query) {
        sql = query;
        return this;
    }

    OrderDraft key(String... columns) {
        key = List.of(columns);
        return this;
    }

    OrderDraft partitionedBy(String column) {
        partitionColumns = List.of(column);
        return this;
    }

    /** These partitions in place of days. */
    OrderDraft scope(List<Partition> others, String... columns) {
        partitions = Optional.of(others);
        partitionColumns = List.of(columns);
        return this;
    }

    OrderDraft seed(Seed begin) {
        seed = begin;
        return this;
    }

    /** A copy of the whole target that takes its place. */
    OrderDraft swapping() {
        seed = Seed.WHOLE_TARGET;
        publish = new Publish.SwapTable(RETENTION);
        return this;
    }

    /** A copy of the whole target that a view shows in its place. */
    OrderDraft behind(ViewInfo shown) {
        seed = Seed.WHOLE_TARGET;
        publish = new Publish.RepointView(TableName.parse("app.shown"), RETENTION);
        view = Optional.of(shown);
        return this;
    }

    OrderDraft catchingUp() {
        publish = publish.lateWrites(LateWrites.CATCH_UP);
        return this;
    }

    OrderDraft adding(String column, String type) {
        added.add(new AddedColumn(column, type));
        return this;
    }

    OrderDraft keepingLatestBy(String column) {
        return deduping(new Dedupe.KeepLatestBy(column));
    }

    OrderDraft deduping(Dedupe rule) {
        dedupe = Optional.of(rule);
        return this;
    }

    OrderDraft stamping(Stamp... stamps) {
        stamping = Optional.of(new Stamping(List.of(stamps)));
        return this;
    }

    OrderDraft deletingMissing(int percent) {
        deletingMissing = Optional.of(new AtMost(BigDecimal.valueOf(percent)));
        return this;
    }

    OrderDraft writing(Write.Rows rows, List<String> updating, List<String> comparing) {
        write = new Write(rows, updating, comparing);
        return this;
    }

    OrderDraft allowingEmpty() {
        empty = Emptiness.ALLOWED;
        return this;
    }

    OrderDraft days(int first, int count) {
        firstDay = first;
        days = count;
        return this;
    }

    WorkOrder build() {
        List<Partition> scope = partitions.orElseGet(this::ofDays);
        return new WorkOrder(
                run,
                1,
                "contract",
                "flights",
                "tester",
                "logic-1",
                target,
                target.name().sibling("bf_" + run + "_shadow"),
                view.isPresent() ? target.name() : target.name().sibling("bf_" + run + "_archive"),
                partitionColumns.stream().map(this::column).toList(),
                scope,
                new Shadow<Coverage>(seed, added),
                new Merge(
                        sql,
                        exact(key),
                        dedupe,
                        deletingMissing,
                        empty,
                        new Write(write.rows(), exact(write.updating()), exact(write.comparing())),
                        stamping.map(this::exact)),
                publish,
                view.map(shown -> new Repoint(shown, target.name().sibling("shown_" + run))));
    }

    private List<Partition> ofDays() {
        List<Partition> scope = new ArrayList<>();
        for (int i = 0; i < days; i++) {
            LocalDate day = LocalDate.of(2001, 1, firstDay).plusDays(i);
            scope.add(new Partition(day.toString(), new Slice.Days(partitionColumns.get(0), day, day.plusDays(1))));
        }
        return scope;
    }

    private Column column(String name) {
        return target.columns().stream()
                .filter(column -> column.name().equals(exact(List.of(name)).get(0)))
                .findFirst()
                .orElseThrow();
    }

    /** As the catalogue spells them, which is how a plan gives them to a connector. */
    private List<String> exact(List<String> names) {
        return names.stream()
                .map(name -> target.columns().stream()
                        .map(Column::name)
                        .filter(name::equalsIgnoreCase)
                        .findFirst()
                        .orElse(name))
                .toList();
    }

    private Stamping exact(Stamping declared) {
        return new Stamping(declared.stamps().stream()
                .map(stamp -> new Stamp(exact(List.of(stamp.column())).get(0), stamp.value()))
                .toList());
    }
}
