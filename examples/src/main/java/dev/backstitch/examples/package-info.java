/** One scenario a class, each run by {@link dev.backstitch.examples.Examples} and by a test. */
@NullMarked
package dev.backstitch.examples;

import org.jspecify.annotations.NullMarked;
