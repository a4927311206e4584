/** The engine's own memory: runs, task instances and leases, behind a small port. */
@NullMarked
package dev.backstitch.state;

import org.jspecify.annotations.NullMarked;
