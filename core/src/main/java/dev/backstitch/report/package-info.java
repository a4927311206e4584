/** Plans and runs in words. */
@NullMarked
package dev.backstitch.report;

import org.jspecify.annotations.NullMarked;
