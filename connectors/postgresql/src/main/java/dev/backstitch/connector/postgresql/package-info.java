/** The connector for PostgreSQL 15 and later: drift by change capture, publishes under short locks, dependents proved or refused. */
@NullMarked
package dev.backstitch.connector.postgresql;

import org.jspecify.annotations.NullMarked;
