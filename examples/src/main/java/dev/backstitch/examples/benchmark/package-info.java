/** Measurements, always as a ratio to something hand-written that is measured in the same run. */
@NullMarked
package dev.backstitch.examples.benchmark;

import org.jspecify.annotations.NullMarked;
