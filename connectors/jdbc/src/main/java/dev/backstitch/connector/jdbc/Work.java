package dev.backstitch.connector.jdbc;

/**
 * What is done in one transaction.
 *
 * @param <T> what it gives
 */
@FunctionalInterface
public interface Work<T> {
    /** Does it; a failure rolls the transaction back. */
    T in(Session session);
}
