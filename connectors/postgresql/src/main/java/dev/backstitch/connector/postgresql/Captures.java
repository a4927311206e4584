package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Keys;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The two captures of a run, on the target and on its shadow, and the locks under which they begin and end. */
final class Captures {
    /** Half a second more than the server's default. */
    private static final Duration PAST_AUTOVACUUM = Duration.ofMillis(1500);

    private static final DateTimeFormatter LITERAL =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    private static final String NO_SUCH_TABLE = "42P01";

    private final String schema;
    private final Duration lockTimeout;

    Captures(String schema, Duration lockTimeout) {
        this.schema = schema;
        this.lockTimeout = lockTimeout;
    }

    ChangeCapture ofTarget(WorkOrder order) {
        return new ChangeCapture(schema, order.run(), order.target().name(), ChangeCapture.Role.DRIFT);
    }

    ChangeCapture ofShadow(WorkOrder order) {
        return new ChangeCapture(schema, order.run(), order.shadow(), ChangeCapture.Role.SEAL);
    }

    /** From here to the end of the transaction, waiting for any lock ends early with {@code LOCK_NOT_GRANTED}. */
    void boundWaits(Session session) {
        bound(session, lockTimeout);
    }

    /**
     * Waits for whoever writes these tables and lets nobody else write them. Where it is the first statement of its
     * transaction, the snapshot comes after it. Other waits are bounded from then on.
     *
     * <p>Readers don't queue behind this lock, so that it may wait longer than one that keeps them out: long enough for
     * the server to end an autovacuum of the table, which it does for whoever has waited for {@code deadlock_timeout}.
     *
     * @param gone what it means when one of them is gone
     */
    void keepWritersOut(Session session, ErrorCode gone, ResolvedTable... tables) {
        bound(session, lockTimeout.compareTo(PAST_AUTOVACUUM) > 0 ? lockTimeout : PAST_AUTOVACUUM);
        lock(session, gone, "share row exclusive", tables);
        boundWaits(session);
    }

    /** Lets nobody else read these tables either; the caller keeps writers out already. */
    void keepEverybodyOut(Session session, ResolvedTable... tables) {
        boundWaits(session);
        lock(session, ErrorCode.CONFLICT, "access exclusive", tables);
    }

    private static void bound(Session session, Duration wait) {
        session.update(new BoundSql("set local lock_timeout = " + wait.toMillis(), List.of()));
    }

    private static void lock(Session session, ErrorCode gone, String mode, ResolvedTable... tables) {
        String names = String.join(", ", Stream.of(tables).map(Quoted::table).toList());
        try {
            session.update(new BoundSql("lock table " + names + " in " + mode + " mode", List.of()));
        } catch (BackstitchException e) {
            if (e.getCause() instanceof SQLException refused && NO_SUCH_TABLE.equals(refused.getSQLState())) {
                throw new BackstitchException(
                        gone,
                        session.what() + " failed: expected " + names + " there, found that it is gone. Nothing was"
                                + " written.",
                        e);
            }
            throw e;
        }
    }

    /**
     * The writes that matter for the order's publish: all of them, or those within the hull of the scope. To catch up a
     * whole copy, the partition columns' values are noted for each, and after them those of the key.
     */
    static ChangeCapture.Extent extent(WorkOrder order) {
        if (order.publish().overwritesWholeTable()) {
            return order.publish().lateWrites() == Publish.LateWrites.CATCH_UP
                    ? new ChangeCapture.Extent(Stream.concat(order.partitionColumns().stream(), Keys.of(order).stream())
                            .map(column -> new ChangeCapture.Logged(column.name(), column.type(), "", ""))
                            .toList())
                    : ChangeCapture.Extent.EVERY_ROW;
        }
        List<ChangeCapture.Logged> logged = new ArrayList<>();
        for (int place = 0; place < order.partitionColumns().size(); place++) {
            logged.add(logged(order, place));
        }
        return new ChangeCapture.Extent(logged);
    }

    private static ChangeCapture.Logged logged(WorkOrder order, int at) {
        Column column = order.partitionColumns().get(at);
        List<Slice.Range> ranges = order.scope().stream()
                .map(partition -> partition.slice().factors().get(at))
                .filter(Slice.Range.class::isInstance)
                .map(Slice.Range.class::cast)
                .toList();
        if (ranges.isEmpty()) {
            // Values: a list of them would be as long as the scope, and each write would search it.
            return new ChangeCapture.Logged(column.name(), column.type(), "", "");
        }
        return new ChangeCapture.Logged(
                column.name(),
                column.type(),
                literal(
                        ranges.stream()
                                .map(Slice.Range::from)
                                .min(Captures::compare)
                                .orElseThrow(),
                        column),
                literal(
                        ranges.stream()
                                .map(Slice.Range::to)
                                .max(Captures::compare)
                                .orElseThrow(),
                        column));
    }

    /** Both are ends of one column's ranges, which are of one type. */
    @SuppressWarnings("unchecked")
    private static int compare(Comparable<?> one, Comparable<?> other) {
        return ((Comparable<Object>) one).compareTo(other);
    }

    private static String literal(Comparable<?> end, Column column) {
        if (end instanceof Long number) {
            return number.toString();
        }
        LocalDateTime time = end instanceof LocalDate day
                ? day.atStartOfDay()
                : end instanceof Instant instant
                        ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
                        : (LocalDateTime) end;
        String text = LITERAL.format(time);
        return switch (column.family()) {
            case INSTANT -> "timestamptz '" + text + "+00'";
            case LOCAL_TIMESTAMP -> "timestamp '" + text + "'";
            case DATE, NUMBER, TEXT, OTHER -> "date '" + time.toLocalDate() + "'";
        };
    }
}
