package dev.backstitch.spec;

/** Which partitions of a scope run, by what the ledger has of them: the latest run of each decides. */
public enum Reprocess {
    /** All of them, published before or not. */
    ALL,
    /** Those whose latest run was given up before its publish, or taken back after it. */
    FAILED,
    /** Those that no run has published, or whose publishes were all taken back. */
    MISSING
}
