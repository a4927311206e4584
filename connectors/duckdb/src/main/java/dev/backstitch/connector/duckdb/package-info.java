/** The connector for DuckDB, in the process that uses it. */
@NullMarked
package dev.backstitch.connector.duckdb;

import org.jspecify.annotations.NullMarked;
