package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * A statement beside backfills, such as one that refreshes what is derived from their targets. It runs in a transaction
 * of the connector's database, in which the ledger notes that it is done: once a run, whatever happens to the process.
 *
 * @param name unique within its dag
 * @param sql one statement, without binds
 * @param limits how patient it is; its concurrency has no meaning
 */
public record SqlTask(String name, String sql, Limits limits) implements Member {
    public SqlTask {
        requireNonNull(name, "name");
        requireNonNull(sql, "sql");
        requireNonNull(limits, "limits");
    }

    /** The same task with other limits. */
    public SqlTask limits(Limits other) {
        return new SqlTask(name, sql, other);
    }

    @Override
    public <R> R match(Cases<R> cases) {
        return cases.sql(this);
    }
}
