/** What a database must do for Backstitch. It speaks of tables, stages, merges, measures and publishes, and holds no JDBC type. */
@NullMarked
package dev.backstitch.spi;

import org.jspecify.annotations.NullMarked;
