package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How one partition's rows come into the shadow.
 *
 * @param sql the user's SELECT with named binds
 * @param key the columns that identify a row, at least one
 * @param dedupe which of several source rows with one key counts; none: such rows are refused
 * @param deletingMissing the most rows that may vanish because the source lacks them; none: no row is deleted
 * @param empty whether a partition that has rows today may end without any
 * @param write which rows and columns are written
 * @param stamping the columns that the merge sets by itself
 */
public record Merge(
        String sql,
        List<String> key,
        Optional<Dedupe> dedupe,
        Optional<AtMost> deletingMissing,
        Emptiness empty,
        Write write,
        Optional<Stamping> stamping) {
    public Merge {
        requireNonNull(sql, "sql");
        key = List.copyOf(key);
        requireNonNull(dedupe, "dedupe");
        requireNonNull(deletingMissing, "deletingMissing");
        requireNonNull(empty, "empty");
        requireNonNull(write, "write");
        requireNonNull(stamping, "stamping");
    }

    /** A merge that stamps nothing. */
    public Merge(
            String sql,
            List<String> key,
            Optional<Dedupe> dedupe,
            Optional<AtMost> deletingMissing,
            Emptiness empty,
            Write write) {
        this(sql, key, dedupe, deletingMissing, empty, write, Optional.empty());
    }

    /** A merge that writes everything. */
    public Merge(
            String sql, List<String> key, Optional<Dedupe> dedupe, Optional<AtMost> deletingMissing, Emptiness empty) {
        this(sql, key, dedupe, deletingMissing, empty, Write.EVERYTHING);
    }

    /**
     * The columns that the source has to bring: where rows are only updated, and in some columns, these, the key, the
     * partition's, and those that are compared; empty: all that are written.
     *
     * @param partitionColumns the columns by which the scope is divided
     */
    public List<String> sourceColumns(List<String> partitionColumns) {
        return write.rows() != Write.Rows.UPDATE_ONLY || write.updating().isEmpty()
                ? List.of()
                : Stream.of(key, partitionColumns, write.updating(), write.comparing())
                        .flatMap(List::stream)
                        .distinct()
                        .toList();
    }

    /** The columns that the merge sets by itself, which the source leaves out. */
    public List<String> stampedColumns() {
        return stamping.map(Stamping::columns).orElse(List.of());
    }

    /** Whether a partition that has rows today may end without any. */
    public enum Emptiness {
        REFUSED,
        ALLOWED
    }

    /** Which of several source rows with one key counts. */
    public sealed interface Dedupe {
        /** The columns by which the rows of a key are ordered; none where their order does not count. */
        List<String> by();

        /** Which end of that order counts. */
        End end();

        /** The one with the greatest value in this column; nulls count least, and a tie is refused. */
        record KeepLatestBy(String column) implements Dedupe {
            public KeepLatestBy {
                requireNonNull(column, "column");
            }

            @Override
            public List<String> by() {
                return List.of(column);
            }

            @Override
            public End end() {
                return End.LATEST;
            }
        }

        /**
         * The one with the greatest or least value in the first of these columns, and among equal ones by the next; nulls
         * count as last choice, and a tie in all of them is refused.
         *
         * @param columns at least one
         */
        record Keep(End end, List<String> columns) implements Dedupe {
            public Keep {
                requireNonNull(end, "end");
                columns = List.copyOf(columns);
            }

            @Override
            public List<String> by() {
                return columns;
            }
        }

        /** Any of them, since they are equal in every column; rows with one key and other contents are refused. */
        record IdenticalRows() implements Dedupe {
            @Override
            public List<String> by() {
                return List.of();
            }

            @Override
            public End end() {
                return End.LATEST;
            }
        }

        /** Which end of an order is kept. */
        enum End {
            LATEST,
            FIRST
        }
    }

    /**
     * A bound as a share of a partition's rows in the live table.
     *
     * @param percent from 0 to 100
     */
    public record AtMost(BigDecimal percent) {
        public AtMost {
            if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
                throw new IllegalArgumentException("a share lies between 0 and 100 percent: " + percent);
            }
        }
    }
}
