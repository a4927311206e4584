package dev.backstitch.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;

/** Something that runs task instances which do nothing, with their state in a database that it finds empty. */
interface Contender {
    /** For the table. */
    String name();

    /** Runs so many, and answers how many it did a second, from when the first one could begin to the end of the last one. */
    double run(HikariDataSource database, int instances) throws Exception;
}
