/** Plans as Quartz jobs, lanes as their triggers. No other main package imports {@code org.quartz}. */
@NullMarked
package dev.backstitch.quartz;

import org.jspecify.annotations.NullMarked;
