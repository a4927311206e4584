/** Backfills in Snowflake. */
@NullMarked
package dev.backstitch.connector.snowflake;

import org.jspecify.annotations.NullMarked;
