/**
 * The shared base of connectors that speak JDBC: transactions, the ledger, the staged merge, measures, seal and the order
 * of steps in a publish. A connector brings a {@link dev.backstitch.connector.jdbc.Dialect}, its {@link
 * dev.backstitch.connector.jdbc.TableOperations} and its catalogue, and replaces a part only where its database differs.
 */
@NullMarked
package dev.backstitch.connector.jdbc;

import org.jspecify.annotations.NullMarked;
