/**
 * The fault suite: what a backfill must survive or refuse, shown on real databases with a JDBC tap between the engine and
 * them. The oracles are plain SQL; nothing here asks the engine whether the engine was right.
 */
package dev.backstitch.faults;
