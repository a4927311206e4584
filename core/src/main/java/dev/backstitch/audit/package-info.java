/** From measurements to verdicts with evidence. */
@NullMarked
package dev.backstitch.audit;

import org.jspecify.annotations.NullMarked;
