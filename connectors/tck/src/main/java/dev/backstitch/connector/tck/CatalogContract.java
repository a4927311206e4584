package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
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

        assertThat(table.name().toString()).isEqualTo("app.flights");
        assertThat(table.kind()).isEqualTo(TableInfo.Kind.TABLE);
        assertThat(table.columns()).extracting(Column::name).containsExactly("id", "day", "airline", "delay");
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

        assertThat(columns).extracting(Column::name).containsExactly("id", "call", "airline", "day");
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

        assertThat(failure).hasMessageContaining("nothing");
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
