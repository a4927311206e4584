package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.ACCEPTED;
import static dev.backstitch.connector.jdbc.LedgerTables.ACCEPTED_AT;
import static dev.backstitch.connector.jdbc.LedgerTables.ACCEPTED_BY;
import static dev.backstitch.connector.jdbc.LedgerTables.ACCEPTED_WHY;
import static dev.backstitch.connector.jdbc.LedgerTables.AUDIT;
import static dev.backstitch.connector.jdbc.LedgerTables.EVIDENCE;
import static dev.backstitch.connector.jdbc.LedgerTables.EXPECTED;
import static dev.backstitch.connector.jdbc.LedgerTables.KIND;
import static dev.backstitch.connector.jdbc.LedgerTables.OBSERVED;
import static dev.backstitch.connector.jdbc.LedgerTables.OUTCOME;
import static dev.backstitch.connector.jdbc.LedgerTables.PLACE;
import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SINCE;
import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;

import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** The ledger's rows of audits, read and written in the caller's transaction. */
final class AuditNotes {
    private static final String LATE = "LATE_WRITES";
    private static final long AFTER_ALL_AUDITS = 1_000_000;

    private final LedgerTables tables;

    AuditNotes(LedgerTables tables) {
        this.tables = tables;
    }

    /** Replaces what was judged, and leaves what was accepted. */
    void note(Session session, WorkOrder order, List<AuditNote> notes) {
        for (int place = 0; place < notes.size(); place++) {
            AuditNote note = notes.get(place);
            Map<Field<?>, Object> values = new LinkedHashMap<>();
            values.put(PLACE, (long) place);
            values.put(KIND, note.kind());
            values.put(OUTCOME, note.outcome());
            values.put(EXPECTED, note.expected());
            values.put(OBSERVED, note.observed());
            values.put(EVIDENCE, note.evidence());
            values.put(SINCE, DSL.currentOffsetDateTime());
            if (session.update(DSL.update(tables.audits())
                            .set(values)
                            .where(of(order))
                            .and(AUDIT.eq(note.name())))
                    == 0) {
                session.update(DSL.insertInto(tables.audits())
                        .set(RUN, order.run())
                        .set(TARGET, LedgerTables.key(order.live()))
                        .set(AUDIT, note.name())
                        .set(values));
            }
        }
    }

    /** Notes of blocking audits that failed, and that nobody has accepted as they are, no longer count: how many. */
    long supersede(Session session, WorkOrder order) {
        return session.update(DSL.update(tables.audits())
                .set(OUTCOME, "SUPERSEDED")
                .where(of(order))
                .and(KIND.eq("BLOCKING"))
                .and(OUTCOME.eq("FAILED"))
                .and(ACCEPTED.isNull().or(ACCEPTED.ne(OBSERVED))));
    }

    /** Notes that late writes were brought in, once more. */
    void noteLateWrites(Session session, WorkOrder order, String observed) {
        long before = session.number(
                DSL.selectCount().from(tables.audits()).where(of(order)).and(KIND.eq(LATE)));
        session.update(DSL.insertInto(tables.audits())
                .set(RUN, order.run())
                .set(TARGET, LedgerTables.key(order.live()))
                .set(AUDIT, "late writes, " + (before + 1))
                .set(PLACE, AFTER_ALL_AUDITS + before)
                .set(KIND, LATE)
                .set(OUTCOME, "PASSED")
                .set(EXPECTED, "that they are in what is published")
                .set(OBSERVED, observed)
                .set(EVIDENCE, "")
                .set(SINCE, DSL.currentOffsetDateTime()));
    }

    List<AuditNote> of(Session session, WorkOrder order) {
        return session.list(
                DSL.select(
                                AUDIT,
                                KIND,
                                OUTCOME,
                                EXPECTED,
                                OBSERVED,
                                EVIDENCE,
                                ACCEPTED_BY,
                                ACCEPTED_WHY,
                                ACCEPTED,
                                ACCEPTED_AT)
                        .from(tables.audits())
                        .where(of(order))
                        .orderBy(PLACE, AUDIT),
                AuditNotes::read);
    }

    boolean accept(Session session, WorkOrder order, String audit, String who, String why) {
        return session.update(DSL.update(tables.audits())
                        .set(ACCEPTED_BY, who)
                        .set(ACCEPTED_WHY, why)
                        .set(ACCEPTED, OBSERVED)
                        .set(ACCEPTED_AT, DSL.currentOffsetDateTime())
                        .where(of(order))
                        .and(AUDIT.eq(audit))
                        .and(OUTCOME.in("FAILED", "WAITING"))
                        .and(KIND.ne("INVARIANT")))
                == 1;
    }

    private static Condition of(WorkOrder order) {
        return RUN.eq(order.run()).and(TARGET.eq(LedgerTables.key(order.live())));
    }

    private static AuditNote read(ResultSet row) throws SQLException {
        Timestamp accepted = row.getTimestamp(10);
        return new AuditNote(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                accepted == null
                        ? Optional.empty()
                        : Optional.of(new AuditNote.Acceptance(
                                row.getString(7), row.getString(8), row.getString(9), accepted.toInstant())));
    }
}
