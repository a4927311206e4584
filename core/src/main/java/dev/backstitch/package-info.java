/** The entrance: open an engine, register dags, plan, start, resume, roll back. */
@NullMarked
package dev.backstitch;

import org.jspecify.annotations.NullMarked;
