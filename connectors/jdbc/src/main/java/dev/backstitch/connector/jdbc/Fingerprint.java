package dev.backstitch.connector.jdbc;

import java.math.BigInteger;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * The number of rows and the sum of their hashes: equal for equal bags of rows, whatever their order.
 *
 * @param rows how many
 * @param sum of the hashes, in decimal digits
 */
public record Fingerprint(long rows, String sum) {
    /** Of the rows of a table that fulfil a condition. */
    public static Fingerprint of(Session session, Table<?> table, Field<?> hash, Condition condition) {
        return session.one(
                DSL.select(
                                DSL.field("count(*)"),
                                DSL.field("cast(coalesce(sum({0}), 0) as varchar)", String.class, hash))
                        .from(table)
                        .where(condition),
                row -> new Fingerprint(row.getLong(1), row.getString(2)));
    }

    /** As {@link #toString} wrote it. */
    public static Fingerprint parse(String text) {
        List<String> parts = List.of(text.split(":", 2));
        return new Fingerprint(Long.parseLong(parts.get(0)), parts.get(1));
    }

    /** Of both bags of rows together. */
    public Fingerprint plus(Fingerprint other) {
        return new Fingerprint(
                rows + other.rows,
                new BigInteger(sum).add(new BigInteger(other.sum)).toString());
    }

    /** Of the rows that remain when those of another bag, which are all in this one, are gone. */
    public Fingerprint minus(Fingerprint other) {
        return new Fingerprint(
                rows - other.rows,
                new BigInteger(sum).subtract(new BigInteger(other.sum)).toString());
    }

    /** {@code rows:sum}, as it stands in the ledger. */
    @Override
    public String toString() {
        return rows + ":" + sum;
    }
}
