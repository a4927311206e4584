package dev.backstitch.state;

import dev.backstitch.state.Tables.RehearsalTable;
import java.time.Instant;
import java.util.Optional;
import org.jooq.DSLContext;

/** The rows of rehearsals, one a dag: the last. Each method is part of the caller's transaction. */
final class Rehearsals {
    private Rehearsals() {}

    static Optional<String> of(DSLContext jooq, String dag) {
        return jooq.select(RehearsalTable.MEASURED)
                .from(RehearsalTable.REHEARSALS)
                .where(RehearsalTable.DAG.eq(dag))
                .fetchOptional(row -> row.value1());
    }

    /** Of two that rehearse at the same time, the one that ends last is kept. */
    static int keep(DSLContext jooq, String dag, Instant at, String measured) {
        Schema.lockRow(jooq);
        jooq.deleteFrom(RehearsalTable.REHEARSALS)
                .where(RehearsalTable.DAG.eq(dag))
                .execute();
        return jooq.insertInto(RehearsalTable.REHEARSALS)
                .set(RehearsalTable.DAG, dag)
                .set(RehearsalTable.REHEARSED_AT, at)
                .set(RehearsalTable.MEASURED, measured)
                .execute();
    }
}
