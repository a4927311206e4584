package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What a connector says of tables. */
abstract class CatalogContract extends Contract {
    CatalogContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void table_isFound_howeverItIsSpelt() {
        TableInfo table =
                connector().catalog().table(TableName.parse("APP.Flights")).orElseThrow();

        assertThat(table.name().toString()).isEqualToIgnoringCase("app.flights");
        assertThat(table.kind()).isEqualTo(TableInfo.Kind.TABLE);
        assertThat(table.columns())
                .extracting(column -> column.name().toLowerCase(Locale.ROOT))
                .containsExactly("id", "day", "airline", "delay");
        assertThat(table.columns())
                .extracting(Column::family)
                .containsExactly(Column.Family.NUMBER, Column.Family.DATE, Column.Family.TEXT, Column.Family.NUMBER);
        assertThat(table.columns().get(1).nullability()).isEqualTo(Column.Nullability.NOT_NULL);
        assertThat(table.uniqueKeys()).containsExactly(List.of("id"));
    }

    @Test
    void table_isNotFound_whenThereIsNone() {
        assertThat(connector().catalog().table(TableName.parse("app.nothing"))).isEmpty();
    }

    @Test
    void view_isToldFromATable() {
        sql("create view app.late as select * from app.flights where delay > 1");

        assertThat(fixture().table("app.late").kind()).isEqualTo(TableInfo.Kind.VIEW);
    }

    @Test
    void structure_changes_whenAColumnDoes() {
        String before = fixture().target().structure();
        assertThat(fixture().target().structure()).isEqualTo(before);

        sql("alter table app.flights add column gate varchar(4)");

        assertThat(fixture().target().structure()).isNotEqualTo(before);
    }

    @Test
    void columnsOfAQuery_areKnown_withoutRunningIt() {
        sql("create sequence app.calls");
        WorkOrder day = order().build();

        List<Column> columns = connector()
                .catalog()
                .columnsOf(
                        SqlTemplate.parse("select id, nextval('app.calls') as call, airline, day from app.source"
                                + " where day = :partition"),
                        day.scope().get(0),
                        day.partitionColumns());

        assertThat(columns)
                .extracting(column -> column.name().toLowerCase(Locale.ROOT))
                .containsExactly("id", "call", "airline", "day");
        assertThat(columns.get(3).family()).isEqualTo(Column.Family.DATE);
        assertThat(rows("select nextval('app.calls')")).containsExactly("1");
    }

    @Test
    void columnsOfAQuery_areRefused_whenItDoesNotParse() {
        WorkOrder day = order().build();

        BackstitchException failure = failure(
                ErrorCode.SOURCE_INVALID,
                () -> connector()
                        .catalog()
                        .columnsOf(
                                SqlTemplate.parse("select nothing from app.source"),
                                day.scope().get(0),
                                day.partitionColumns()));

        assertThat(failure.getMessage()).containsIgnoringCase("nothing");
    }

    @Test
    void reads_areTheViews_andWhatTheseReadInTurn() {
        sql("create view app.recent as select * from app.source where day >= date '2001-01-01'");
        sql("create view app.\"As seen\" (id, day, airline, delay) as select id, day, airline, delay from app.recent");
        sql("create view app.unread as select 1 as one");

        Reads reads = reads("select * from app.\"As seen\" where day = :partition");

        assertThat(views(reads))
                .hasSize(2)
                .anyMatch(name -> name.contains("As seen"))
                .contains("app.recent");
        assertThat(reads.unseen()).isNotEmpty();
    }

    @Test
    void reads_change_whenAViewBehindAViewDoes_andNotOtherwise() {
        sql("create view app.recent as select * from app.source");
        sql("create view app.seen as select id, day, airline, delay from app.recent");
        String query = "with seen as (select * from app.seen) select * from seen where day = :partition";
        Reads before = reads(query);
        source("1, date '2001-01-02', 'AA', 5, null");
        assertThat(reads(query)).isEqualTo(before);

        sql("create or replace view app.recent as select * from app.source where delay > 0");

        assertThat(reads(query)).isNotEqualTo(before);
        assertThat(views(reads(query))).isEqualTo(views(before)).hasSize(2);
    }

    @Test
    void reads_change_whenAColumnThatIsReadGetsAnotherType() {
        String query = "select id, day, airline, delay from app.source where day = :partition";
        Reads before = reads(query);
        sql("alter table app.source add column gate integer");
        assertThat(reads(query)).isEqualTo(before);

        sql("alter table app.source alter column delay type bigint");

        assertThat(reads(query).seen())
                .filteredOn(seen -> !before.seen().contains(seen))
                .singleElement()
                .satisfies(seen -> {
                    assertThat(seen.kind()).isEqualTo("column");
                    assertThat(seen.name()).contains("delay");
                    assertThat(seen.definition()).isEqualToIgnoringCase("bigint");
                });
    }

    @Test
    void reads_areNotKnown_ofAQueryThatTheDatabaseRefuses() {
        WorkOrder day = order().build();

        assertThat(connector()
                        .catalog()
                        .reads(
                                SqlTemplate.parse("select nothing from app.source"),
                                day.scope().get(0),
                                day.partitionColumns()))
                .isEmpty();
    }

    private Reads reads(String query) {
        WorkOrder day = order().build();
        return connector()
                .catalog()
                .reads(SqlTemplate.parse(query), day.scope().get(0), day.partitionColumns())
                .orElseThrow();
    }

    private static List<String> views(Reads reads) {
        return reads.seen().stream()
                .filter(seen -> seen.kind().equals("view"))
                .map(Reads.Definition::name)
                .toList();
    }

    @Test
    void liveRows_areCounted_alsoWhereThereAreNone_andOnlyOfThePartitionsAskedFor() {
        WorkOrder days = order().days(4, 3).build();

        assertThat(liveRows(days, Duration.ofMinutes(1)))
                .containsOnly(
                        Map.entry("2001-01-04", new LiveRows(3, LiveRows.Basis.COUNTED)),
                        Map.entry("2001-01-05", new LiveRows(3, LiveRows.Basis.COUNTED)),
                        Map.entry("2001-01-06", new LiveRows(0, LiveRows.Basis.COUNTED)));
    }

    @Test
    void liveRows_areEstimatedOrMissing_whenTheTimeIsOver() {
        assertThat(liveRows(order().build(), Duration.ZERO).values())
                .extracting(LiveRows::basis)
                .doesNotContain(LiveRows.Basis.COUNTED);
    }

    private Map<String, LiveRows> liveRows(WorkOrder order, Duration within) {
        return connector().catalog().liveRows(order.target(), order.partitionColumns(), order.scope(), within);
    }

    @Test
    void space_isThatOfTheTable_asFarAsItIsTold() {
        Space space = connector().catalog().space(fixture().target().name());

        assertThat(space.table().orElseThrow()).isNotNegative();
        space.free().ifPresent(free -> assertThat(free).isPositive());
    }

    @Test
    void typesAreNormal_whenTwoSpellingsMeanTheSame() {
        assertThat(connector().catalog().normalType("int"))
                .isEqualTo(connector().catalog().normalType("integer"));
    }

    @Test
    void statements_areShown_andNotRun() {
        WorkOrder order = begun(order().build());
        Partition partition = order.scope().get(0);

        assertThat(connector().catalog().mergeStatements(order, partition))
                .anyMatch(statement -> statement.contains("app.source"))
                .anyMatch(statement -> statement.startsWith("merge into"));
        assertThat(connector().catalog().publishStatements(order)).isNotEmpty();
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.CLAIMED);
    }

    @Test
    void privileges_areNotMissing_forTheOwner() {
        assertThat(connector().catalog().missingPrivileges(order().build())).isEmpty();
    }
}
