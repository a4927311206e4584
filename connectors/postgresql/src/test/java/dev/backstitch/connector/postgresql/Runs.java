package dev.backstitch.connector.postgresql;

import dev.backstitch.spec.Merge;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.util.Optional;

/** Orders that differ from another one in one thing. */
final class Runs {
    private Runs() {}

    static WorkOrder named(WorkOrder order, String run) {
        return new WorkOrder(
                run,
                order.epoch(),
                order.dag(),
                order.backfill(),
                order.actor(),
                order.logic(),
                order.target(),
                order.shadow(),
                order.archive(),
                order.partitionColumns(),
                order.scope(),
                order.seed(),
                order.merge(),
                order.publish());
    }

    /** Another run with tables of its own. */
    static WorkOrder anew(WorkOrder order, String run) {
        WorkOrder named = named(order, run);
        return new WorkOrder(
                named.run(),
                named.epoch(),
                named.dag(),
                named.backfill(),
                named.actor(),
                named.logic(),
                named.target(),
                named.target().name().sibling("bf_" + run + "_shadow"),
                named.target().name().sibling("bf_" + run + "_archive"),
                named.partitionColumns(),
                named.scope(),
                named.seed(),
                named.merge(),
                named.publish());
    }

    static WorkOrder withSql(WorkOrder order, String sql) {
        Merge merge = order.merge();
        return new WorkOrder(
                order.run(),
                order.epoch(),
                order.dag(),
                order.backfill(),
                order.actor(),
                order.logic(),
                order.target(),
                order.shadow(),
                order.archive(),
                order.partitionColumns(),
                order.scope(),
                order.seed(),
                new Merge(sql, merge.key(), merge.dedupe(), merge.deletingMissing(), merge.empty()),
                order.publish());
    }

    static WorkOrder deletingMissing(WorkOrder order) {
        Merge merge = order.merge();
        return new WorkOrder(
                order.run(),
                order.epoch(),
                order.dag(),
                order.backfill(),
                order.actor(),
                order.logic(),
                order.target(),
                order.shadow(),
                order.archive(),
                order.partitionColumns(),
                order.scope(),
                order.seed(),
                new Merge(
                        merge.sql(),
                        merge.key(),
                        merge.dedupe(),
                        Optional.of(new Merge.AtMost(BigDecimal.valueOf(100))),
                        merge.empty()),
                order.publish());
    }
}
