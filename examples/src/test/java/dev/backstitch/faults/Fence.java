package dev.backstitch.faults;

import java.util.List;

/** The statements with which a publish keeps writers out. */
final class Fence {
    private Fence() {}

    /** DuckDB's is a pair of ALTERs, PostgreSQL's a lock. */
    static boolean isPartOf(Product product, Call call) {
        return product == Product.DUCKDB
                ? call.says("alter table", "orders", "add column") || call.says("alter table", "orders", "drop column")
                : call.says("lock table", "orders");
    }

    /** The place of its last statement among these calls. */
    static int lastOf(Product product, List<Call> calls) {
        int last = -1;
        for (int i = 0; i < calls.size(); i++) {
            if (isPartOf(product, calls.get(i)) && !calls.get(i).says("access exclusive")) {
                last = i;
            }
        }
        if (last < 0) {
            throw new AssertionError("no fence among " + calls);
        }
        return last;
    }
}
