package dev.backstitch.state;

/** Whose fault a failed attempt is: each has a number of retries of its own. */
public enum Budget {
    /** The database, the network, another transaction: the same attempt may succeed. */
    PLATFORM,
    /** It took too long. */
    TIMEOUT,
    /** What the query or its data say. */
    ERROR
}
