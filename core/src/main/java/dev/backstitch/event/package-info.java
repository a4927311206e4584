/** What listeners are told, after it has been committed. */
@NullMarked
package dev.backstitch.event;

import org.jspecify.annotations.NullMarked;
