/** The immutable description of what a developer declared: records and sealed types over {@code java.*} alone. */
@NullMarked
package dev.backstitch.spec;

import org.jspecify.annotations.NullMarked;
