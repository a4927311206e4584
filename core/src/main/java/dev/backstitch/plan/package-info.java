/** From a description, a clock and a look at the database to a frozen plan, or to every problem that stands in its way. */
@NullMarked
package dev.backstitch.plan;

import org.jspecify.annotations.NullMarked;
