package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.util.List;

/** The key of a merge, as columns of the shadow. */
public final class Keys {
    private Keys() {}

    /** The key's columns, in the order in which they were declared. */
    public static List<Column> of(WorkOrder order) {
        return order.merge().key().stream()
                .map(name -> order.writtenColumns().stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("the key's column " + name + " is none of "
                                + order.target().name() + "'s")))
                .toList();
    }
}
