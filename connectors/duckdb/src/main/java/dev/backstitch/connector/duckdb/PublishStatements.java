package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** What a publish does to the tables, for people to read. */
final class PublishStatements {
    private PublishStatements() {}

    static List<String> of(Session session, WorkOrder order, List<SecondaryIndex> indexes) {
        Table<?> target = LedgerTables.table(order.target().name());
        Table<?> shadow = LedgerTables.table(order.shadow());
        List<String> statements = new ArrayList<>();
        statements.add(
                session.readable(DSL.query("alter table {0} add column {1} integer", target, DSL.name("bf_fence"))));
        indexes.forEach(index -> statements.add("drop index " + index.name()));
        statements.add(session.readable(DSL.query("alter table {0} drop column {1}", target, DSL.name("bf_fence"))));
        if (order.publish().overwritesWholeTable()) {
            if (order.repoint().isEmpty()) {
                statements.add(session.readable(DSL.query(
                        "alter table {0} rename to {1}",
                        target, DSL.name(order.archive().table()))));
            }
            statements.add(session.readable(DSL.query(
                    "alter table {0} rename to {1}",
                    shadow, DSL.name(order.published().table()))));
            order.repoint()
                    .ifPresent(repoint -> statements.add(session.readable(DSL.query(
                            "create or replace view {0} as select * from {1}",
                            LedgerTables.table(repoint.view().name()), LedgerTables.table(repoint.version())))));
        } else {
            var rows = new Overwritten(session.dialect(), order).rows();
            statements.add(session.readable(DSL.query(
                    "create table {0} as select * from {1} where {2}",
                    LedgerTables.table(order.archive()), target, rows)));
            order.seed()
                    .added()
                    .forEach(added -> statements.add(session.readable(
                                    DSL.query("alter table {0} add column {1}", target, DSL.name(added.name())))
                            + " "
                            + added.type()));
            statements.add(session.readable(DSL.query("delete from {0} where {1}", target, rows)));
            statements.add(session.readable(DSL.query(
                    "insert into {0} ({1}) select {1} from {2} where {3}",
                    target,
                    DSL.list(order.writtenColumns().stream()
                            .map(Column::name)
                            .map(DSL::name)
                            .toList()),
                    shadow,
                    rows)));
        }
        ResolvedTable onto = order.published();
        indexes.forEach(index -> statements.add("create " + index.unique() + "index " + index.name() + " on "
                + session.readable(LedgerTables.table(onto)) + index.over()));
        return statements;
    }
}
