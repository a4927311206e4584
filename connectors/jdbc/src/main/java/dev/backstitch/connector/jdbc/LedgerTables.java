package dev.backstitch.connector.jdbc;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.ResolvedTable;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * The ledger's tables in one database: their names and columns. They are not quoted, so that people find them as their
 * database writes names. Immutable.
 */
public final class LedgerTables {
    static final Field<String> TARGET = DSL.field(DSL.unquotedName("target"), SQLDataType.VARCHAR.notNull());
    static final Field<String> RUN = DSL.field(DSL.unquotedName("run"), SQLDataType.VARCHAR.notNull());
    static final Field<Long> EPOCH = DSL.field(DSL.unquotedName("epoch"), SQLDataType.BIGINT.notNull());
    static final Field<String> STATE = DSL.field(DSL.unquotedName("state"), SQLDataType.VARCHAR.notNull());
    /**
     * How often a row was written. Every update of a head or an entry counts it up: DuckDB notices that two transactions
     * wrote the same row only in a column whose value both changed.
     */
    static final Field<Long> WRITES = DSL.field(DSL.unquotedName("writes"), SQLDataType.BIGINT.notNull());

    static final Field<OffsetDateTime> SINCE =
            DSL.field(DSL.unquotedName("since"), SQLDataType.TIMESTAMPWITHTIMEZONE.notNull());

    static final Field<String> ACTOR = DSL.field(DSL.unquotedName("actor"), SQLDataType.VARCHAR.notNull());
    static final Field<String> DAG = DSL.field(DSL.unquotedName("dag"), SQLDataType.VARCHAR.notNull());
    static final Field<String> BACKFILL = DSL.field(DSL.unquotedName("backfill"), SQLDataType.VARCHAR.notNull());
    static final Field<String> SHADOW = DSL.field(DSL.unquotedName("shadow"), SQLDataType.VARCHAR);
    static final Field<String> BASELINE = DSL.field(DSL.unquotedName("baseline"), SQLDataType.VARCHAR);
    static final Field<String> SEAL = DSL.field(DSL.unquotedName("seal"), SQLDataType.VARCHAR);

    static final Field<String> PARTITION = DSL.field(DSL.unquotedName("partition_id"), SQLDataType.VARCHAR.notNull());
    static final Field<String> LOGIC = DSL.field(DSL.unquotedName("logic"), SQLDataType.VARCHAR.notNull());
    /** What the partition is, in words. */
    static final Field<String> SLICE = DSL.field(DSL.unquotedName("slice"), SQLDataType.VARCHAR.notNull());

    static final Field<Long> STAGED = count("rows_staged");
    static final Field<Long> DEDUPED = count("rows_deduped");
    static final Field<Long> INSERTED = count("rows_inserted");
    static final Field<Long> UPDATED = count("rows_updated");
    static final Field<Long> UNCHANGED = count("rows_unchanged");
    static final Field<Long> DELETED = count("rows_deleted");
    static final Field<Long> ROWS_AFTER = count("rows_after");
    static final Field<String> CHANGED = DSL.field(DSL.unquotedName("changed_columns"), SQLDataType.VARCHAR);

    static final Field<String> ARCHIVE = DSL.field(DSL.unquotedName("archive"), SQLDataType.VARCHAR.notNull());
    static final Field<String> ARCHIVE_SCHEMA =
            DSL.field(DSL.unquotedName("archive_schema"), SQLDataType.VARCHAR.notNull());
    static final Field<String> IDENTITY = DSL.field(DSL.unquotedName("identity"), SQLDataType.VARCHAR.notNull());
    static final Field<String> STRUCTURE = DSL.field(DSL.unquotedName("structure"), SQLDataType.VARCHAR.notNull());
    static final Field<Long> ROWS = count("row_count");
    static final Field<Long> ROWS_PUBLISHED = count("rows_published");
    static final Field<OffsetDateTime> CREATED_AT =
            DSL.field(DSL.unquotedName("created_at"), SQLDataType.TIMESTAMPWITHTIMEZONE.notNull());
    static final Field<OffsetDateTime> EXPIRES_AT =
            DSL.field(DSL.unquotedName("expires_at"), SQLDataType.TIMESTAMPWITHTIMEZONE.notNull());

    static final Field<String> TASK = DSL.field(DSL.unquotedName("task"), SQLDataType.VARCHAR.notNull());

    static final Field<String> PLAN = DSL.field(DSL.unquotedName("plan"), SQLDataType.VARCHAR.notNull());

    static final Field<String> AUDIT = DSL.field(DSL.unquotedName("audit"), SQLDataType.VARCHAR.notNull());
    static final Field<Long> PLACE = DSL.field(DSL.unquotedName("place"), SQLDataType.BIGINT.notNull());
    static final Field<String> KIND = DSL.field(DSL.unquotedName("kind"), SQLDataType.VARCHAR.notNull());
    static final Field<String> OUTCOME = DSL.field(DSL.unquotedName("outcome"), SQLDataType.VARCHAR.notNull());
    static final Field<String> EXPECTED = DSL.field(DSL.unquotedName("expected"), SQLDataType.VARCHAR.notNull());
    static final Field<String> OBSERVED = DSL.field(DSL.unquotedName("observed"), SQLDataType.VARCHAR.notNull());
    static final Field<String> EVIDENCE = DSL.field(DSL.unquotedName("evidence"), SQLDataType.VARCHAR.notNull());
    static final Field<String> ACCEPTED_BY = DSL.field(DSL.unquotedName("accepted_by"), SQLDataType.VARCHAR);
    static final Field<String> ACCEPTED_WHY = DSL.field(DSL.unquotedName("accepted_why"), SQLDataType.VARCHAR);
    static final Field<String> ACCEPTED = DSL.field(DSL.unquotedName("accepted"), SQLDataType.VARCHAR);
    static final Field<OffsetDateTime> ACCEPTED_AT =
            DSL.field(DSL.unquotedName("accepted_at"), SQLDataType.TIMESTAMPWITHTIMEZONE);

    /** No target's: a table's key is never empty. */
    private static final String QUEUE = "";

    private static final String HEAD_NAME = "bf_head";
    private static final String ENTRIES_NAME = "bf_ledger";
    private static final String ARCHIVES_NAME = "bf_archive";
    private static final String TASKS_NAME = "bf_task";
    private static final String AUDITS_NAME = "bf_audit";
    private static final String PLANS_NAME = "bf_plan";

    private final String catalog;
    private final String schema;

    /**
     * @param catalog the database that holds the targets; empty where names have no such part
     * @param schema in which the ledger's tables are, by convention {@code backstitch}
     */
    public LedgerTables(String catalog, String schema) {
        this.catalog = requireNonNull(catalog, "catalog");
        this.schema = requireNonNull(schema, "schema");
    }

    /** One row per target: the run that acts for it, or acted last. */
    public Table<?> head() {
        return table(HEAD_NAME);
    }

    /** One row per run and partition. */
    public Table<?> entries() {
        return table(ENTRIES_NAME);
    }

    /** One row per archive. */
    public Table<?> archives() {
        return table(ARCHIVES_NAME);
    }

    /** One row per run, target and audit: how it was judged last. */
    public Table<?> audits() {
        return table(AUDITS_NAME);
    }

    /** One row per run and statement beside backfills that is done. */
    public Table<?> tasks() {
        return table(TASKS_NAME);
    }

    /** One row per run: its frozen plan. */
    public Table<?> plans() {
        return table(PLANS_NAME);
    }

    /** How a target is called in the ledger: its exact name without the catalog, which may be renamed with its file. */
    public static String key(ResolvedTable table) {
        return new TableName(List.of(table.schema(), table.table())).toString();
    }

    /** A table by its exact name, quoted. */
    public static Table<?> table(ResolvedTable table) {
        return DSL.table(DSL.name(table.parts().toArray(String[]::new)));
    }

    /** Makes the row at which writers queue that must not make the same row twice, where keys are not kept unique. */
    void prepareQueue(Session session) {
        if (session.dialect().keepsKeysUnique() || session.update(countUpQueue()) > 0) {
            return;
        }
        session.update(DSL.insertInto(head())
                .set(TARGET, QUEUE)
                .set(RUN, "")
                .set(EPOCH, 0L)
                .set(WRITES, 0L)
                .set(STATE, Head.State.ABANDONED.name())
                .set(ACTOR, "")
                .set(DAG, "")
                .set(BACKFILL, "")
                .set(SINCE, DSL.currentOffsetDateTime()));
    }

    /**
     * Where the database does not keep keys unique: waits for whoever is about to write a row of the ledger that there must
     * be once, so that what it wrote is seen from here on, to the end of the transaction.
     */
    void queue(Session session) {
        if (!session.dialect().keepsKeysUnique()) {
            session.update(countUpQueue());
        }
    }

    private org.jooq.Query countUpQueue() {
        return DSL.update(head()).set(WRITES, WRITES.plus(1)).where(TARGET.eq(QUEUE));
    }

    /** Whether they are there; a run that never opened, and a plan, may come before. */
    boolean arePrepared(Session session) {
        return areThere(session, List.of(HEAD_NAME, ENTRIES_NAME, ARCHIVES_NAME, TASKS_NAME, AUDITS_NAME));
    }

    /** A ledger of an earlier version has none of them. */
    boolean arePlansKept(Session session) {
        return areThere(session, List.of(PLANS_NAME));
    }

    private boolean areThere(Session session, List<String> names) {
        Condition here = DSL.lower(field("table_schema")).eq(schema.toLowerCase(Locale.ROOT));
        if (!catalog.isEmpty()) {
            here = here.and(field("table_catalog").eq(catalog));
        }
        return session.number(DSL.selectCount()
                        .from(DSL.table(DSL.unquotedName("information_schema", "tables")))
                        .where(here)
                        .and(DSL.lower(field("table_name")).in(names)))
                == names.size();
    }

    private static Field<String> field(String name) {
        return DSL.field(DSL.unquotedName(name), SQLDataType.VARCHAR);
    }

    /** The statements that make what is missing. */
    List<org.jooq.Query> ddl() {
        List<org.jooq.Query> statements = new ArrayList<>();
        statements.add(DSL.query("create schema if not exists {0}", name()));
        statements.add(create(
                head(),
                List.of(TARGET),
                List.of(RUN, EPOCH, WRITES, STATE, ACTOR, DAG, BACKFILL, SHADOW, BASELINE, SEAL, SINCE)));
        statements.add(create(
                entries(),
                List.of(RUN, TARGET, PARTITION),
                List.of(
                        BACKFILL,
                        STATE,
                        EPOCH,
                        WRITES,
                        LOGIC,
                        SLICE,
                        STAGED,
                        DEDUPED,
                        INSERTED,
                        UPDATED,
                        UNCHANGED,
                        DELETED,
                        ROWS_AFTER,
                        CHANGED,
                        SINCE)));
        statements.add(create(
                archives(),
                List.of(RUN, TARGET),
                List.of(
                        ARCHIVE_SCHEMA,
                        ARCHIVE,
                        IDENTITY,
                        STRUCTURE,
                        SEAL,
                        ROWS,
                        ROWS_PUBLISHED,
                        CREATED_AT,
                        EXPIRES_AT,
                        STATE)));
        statements.add(create(tasks(), List.of(RUN, TASK), List.of(SINCE)));
        statements.add(create(plans(), List.of(RUN), List.of(DAG, ACTOR, PLAN, CREATED_AT)));
        statements.add(create(
                audits(),
                List.of(RUN, TARGET, AUDIT),
                List.of(
                        PLACE,
                        KIND,
                        OUTCOME,
                        EXPECTED,
                        OBSERVED,
                        EVIDENCE,
                        SINCE,
                        ACCEPTED_BY,
                        ACCEPTED_WHY,
                        ACCEPTED,
                        ACCEPTED_AT)));
        return statements;
    }

    private static org.jooq.Query create(Table<?> table, List<Field<?>> key, List<Field<?>> others) {
        return DSL.createTableIfNotExists(table)
                .columns(Stream.concat(key.stream(), others.stream()).toList())
                .primaryKey(key);
    }

    private Table<?> table(String name) {
        return DSL.table(name().append(DSL.unquotedName(name)));
    }

    private Name name() {
        return catalog.isEmpty() ? DSL.name(schema) : DSL.name(catalog, schema);
    }

    private static Field<Long> count(String name) {
        return DSL.field(DSL.unquotedName(name), SQLDataType.BIGINT.notNull());
    }
}
