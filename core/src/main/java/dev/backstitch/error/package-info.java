/** What Backstitch says when something is wrong: one exception, one code per cause, one form of message. */
@NullMarked
package dev.backstitch.error;

import org.jspecify.annotations.NullMarked;
