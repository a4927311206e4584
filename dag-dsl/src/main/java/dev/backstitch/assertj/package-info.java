/** Assertions for unit tests of a team's own dags: {@code import static dev.backstitch.assertj.BackstitchAssertions.*}. */
@NullMarked
package dev.backstitch.assertj;

import org.jspecify.annotations.NullMarked;
