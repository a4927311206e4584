/** What every connector has to do, as JUnit tests against its real database. */
@NullMarked
package dev.backstitch.connector.tck;

import org.jspecify.annotations.NullMarked;
