/**
 * The language in which developers describe backfills: {@code import static dev.backstitch.dsl.Dsl.*}. Each mandatory
 * part is a step of its own, so that a description that lacks one doesn't compile. Every step is an immutable value that
 * may be kept, shared between threads and continued in several ways.
 */
@NullMarked
package dev.backstitch.dsl;

import org.jspecify.annotations.NullMarked;
