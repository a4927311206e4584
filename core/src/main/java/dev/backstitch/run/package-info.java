/** The life of a run: claims, leases, retries and the five tasks. The database is the truth; whoever wakes a lane may do so twice, late or never. */
@NullMarked
package dev.backstitch.run;

import org.jspecify.annotations.NullMarked;
