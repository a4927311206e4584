package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static dev.backstitch.spi.Dependent.Fate.PRESERVED;
import static dev.backstitch.spi.Dependent.Fate.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Dependent.Fate;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of thing that can hang on a table: it is in the inventory with its fate; what is preserved is the same after a
 * real publish and after its rollback, by queries of this test's own; what is refused is named and nothing is written.
 */
class DependentsTest {
    private static Warehouse warehouse;
    private static int cases;

    @BeforeAll
    static void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run("create role reader", "create role steward", "create extension btree_gist");
    }

    @AfterAll
    static void tearDown() throws SQLException {
        warehouse.close();
    }

    /**
     * One kind.
     *
     * @param kind as the inventory calls it
     * @param name a part of its name
     * @param swap what a swap does with it
     * @param replace what a replace does with it
     * @param make the statements that make it; the table is {@code flights}, another one {@code airports}
     */
    private record Kind(String kind, String name, Fate swap, Fate replace, List<String> make) {
        @Override
        public String toString() {
            return kind + " " + name + " (swap " + swap + ", replace " + replace + ")";
        }
    }

    private static Kind kept(String kind, String name, String... make) {
        return new Kind(kind, name, PRESERVED, PRESERVED, List.of(make));
    }

    private static Kind onlyReplaced(String kind, String name, String... make) {
        return new Kind(kind, name, REFUSED, PRESERVED, List.of(make));
    }

    private static Kind refused(String kind, String name, String... make) {
        return new Kind(kind, name, REFUSED, REFUSED, List.of(make));
    }

    /** Where a publication takes the shadow in, the merge is refused already. */
    private static final List<ErrorCode> REFUSALS = List.of(ErrorCode.TARGET_CHANGED, ErrorCode.STATEMENT_REFUSED);

    private static final String NOTHING =
            "create function nothing() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$";

    static Stream<Kind> kinds() {
        return Stream.of(
                kept("primary key", "flights_pkey"),
                kept("primary key", "own_name", "alter table flights rename constraint flights_pkey to own_name"),
                kept("unique constraint", "once", "alter table flights add constraint once unique (day, id)"),
                kept(
                        "unique constraint",
                        "later",
                        "alter table flights add constraint later unique (day, id) deferrable initially deferred"),
                kept(
                        "unique constraint",
                        "nulls",
                        "alter table flights add constraint nulls unique nulls not distinct (id, note)"),
                kept("unique index", "part", "create unique index part on flights (id) where delay > 3"),
                kept("index", "by_day", "create index by_day on flights (day desc nulls last) include (delay)"),
                kept("index", "lowered", "create index lowered on flights using hash (lower(note))"),
                kept("index", "filled", "create index filled on flights (delay) with (fillfactor = 70)"),
                kept(
                        "index",
                        "Odd \" name",
                        "create index \"Odd \"\" name\" on flights (delay)",
                        "comment on index \"Odd \"\" name\" is 'it''s odd'"),
                kept("index", "by_delay", "create index by_delay on flights (delay)", "cluster flights using by_delay"),
                kept("check constraint", "sane", "alter table flights add constraint sane check (delay < 100000)"),
                onlyReplaced(
                        "check constraint",
                        "loose",
                        "alter table flights add constraint loose check (delay > -9) not valid"),
                kept(
                        "exclusion constraint",
                        "apart",
                        "alter table flights add constraint apart exclude using gist (id with =, day with =)"),
                kept(
                        "foreign key",
                        "starts",
                        "alter table flights add constraint starts foreign key (origin) references airports"
                                + " on delete cascade on update restrict deferrable"),
                kept(
                        "foreign key",
                        "unproved",
                        "alter table flights add constraint unproved foreign key (origin) references airports not valid"),
                refused(
                        "foreign key from another table",
                        "bookings.booked",
                        "create table bookings (flight bigint constraint booked references flights on delete cascade)"),
                refused(
                        "foreign key from another table",
                        "bookings.booked",
                        "create table bookings (flight bigint constraint booked references flights on delete set null)"),
                refused(
                        "foreign key from another table",
                        "bookings.booked",
                        "create table bookings (flight bigint constraint booked references flights on delete restrict)"),
                refused(
                        "foreign key from another table",
                        "bookings.booked",
                        "create table bookings (flight bigint constraint booked references flights)"),
                onlyReplaced(
                        "foreign key from another table",
                        "bookings.booked",
                        "create table bookings (flight bigint constraint booked references flights deferrable)",
                        "insert into bookings select id from flights"),
                refused(
                        "foreign key to itself",
                        "next",
                        "alter table flights add column after bigint constraint next references flights",
                        "alter table source add column after bigint"),
                refused(
                        "trigger",
                        "watch",
                        NOTHING,
                        "create trigger watch after insert on flights for each row execute function nothing()"),
                refused(
                        "trigger",
                        "watch",
                        NOTHING,
                        "create trigger watch before delete on flights for each statement execute function nothing()"),
                onlyReplaced(
                        "trigger",
                        "watch",
                        NOTHING,
                        "create trigger watch before update on flights for each row execute function nothing()"),
                onlyReplaced(
                        "trigger",
                        "watch",
                        NOTHING,
                        "create trigger watch after insert on flights for each row execute function nothing()",
                        "alter table flights disable trigger watch"),
                onlyReplaced(
                        "disabled system trigger",
                        "RI_ConstraintTrigger",
                        "alter table flights add constraint starts foreign key (origin) references airports",
                        "alter table flights disable trigger all"),
                refused("rule", "aside", "create rule aside as on delete to flights do also select 1"),
                onlyReplaced("rule", "aside", "create rule aside as on update to flights do also select 1"),
                onlyReplaced("row level security", "flights", "alter table flights enable row level security"),
                onlyReplaced("policy", "own", "create policy own on flights using (true)"),
                kept("table grant", "SELECT to reader", "grant select on flights to reader"),
                kept("table grant", "INSERT to public", "grant insert on flights to public"),
                kept("table grant", "UPDATE to reader", "grant update on flights to reader with grant option"),
                onlyReplaced(
                        "table grant",
                        "SELECT to reader",
                        "grant usage on schema %s to steward",
                        "grant select on flights to steward with grant option",
                        "set role steward",
                        "grant select on flights to reader",
                        "reset role"),
                kept("column grant", "UPDATE (delay) to reader", "grant update (delay) on flights to reader"),
                kept(
                        "owner",
                        "steward",
                        "grant usage, create on schema %s to steward",
                        "alter table flights owner to steward",
                        "grant select on flights to reader"),
                onlyReplaced("publication", "pub_one", "create publication pub_one for table flights"),
                refused(
                        "publication",
                        "pub_bare",
                        "alter table flights replica identity nothing",
                        "create publication pub_bare for table flights"),
                refused("publication", "pub_schema", "create publication pub_schema for tables in schema %s"),
                refused("publication", "pub_all", "create publication pub_all for all tables"),
                kept(
                        "storage option",
                        "storage",
                        "alter table flights set (fillfactor = 80, autovacuum_vacuum_threshold = 7)"),
                kept("storage option", "toast", "alter table flights set (toast.autovacuum_enabled = false)"),
                kept("replica identity", "f", "alter table flights replica identity full"),
                kept(
                        "replica identity",
                        "i",
                        "alter table flights alter day set not null",
                        "create unique index told on flights (id, day)",
                        "alter table flights replica identity using index told"),
                kept("comment", "table", "comment on table flights is 'all of \\ them'"),
                kept("comment", "column delay", "comment on column flights.delay is 'in minutes'"),
                kept(
                        "comment",
                        "constraint flights_pkey",
                        "comment on constraint flights_pkey on flights is 'the key'"),
                onlyReplaced("view", "late", "create view late as select * from flights where delay > 3"),
                onlyReplaced("materialized view", "late", "create materialized view late as select day from flights"),
                onlyReplaced(
                        "function",
                        "many()",
                        "create function many() returns bigint language sql begin atomic select count(*) from flights; end"),
                onlyReplaced("use of its row type", "packed", "create table packed (f flights)"),
                onlyReplaced(
                        "use of its row type",
                        ".of_one(",
                        "create function of_one(f flights) returns int language sql return 1"),
                onlyReplaced(
                        "rule of another table",
                        "airports",
                        "create rule also as on insert to airports do also delete from flights where id < 0"),
                kept(
                        "owned sequence",
                        "flights_serial_seq of column serial",
                        "alter table flights add column serial bigserial",
                        "alter table source add column serial bigint"),
                kept(
                        "identity sequence",
                        "flights_number_seq of column number",
                        "alter table flights add column number int generated always as identity"
                                + " (start 7 increment 3 minvalue 4 maxvalue 9000 cycle)",
                        "alter table source add column number int"),
                kept(
                        "identity sequence",
                        "flights_number_seq of column number",
                        "alter table flights add column number int generated by default as identity",
                        "alter table source add column number int"),
                onlyReplaced(
                        "identity sequence",
                        "flights_number_seq of column number",
                        "alter table flights add column number int generated by default as identity",
                        "grant usage on sequence flights_number_seq to reader",
                        "alter table source add column number int"),
                kept(
                        "extended statistics",
                        "pair",
                        "create statistics pair (dependencies, mcv) on day, delay from flights",
                        "alter statistics pair set statistics 200",
                        "comment on statistics pair is 'they move together'"),
                kept(
                        "check constraint",
                        "columns",
                        "alter table flights alter note set statistics 300, alter note set storage external,"
                                + " alter delay set (n_distinct = 5), alter note set not null,"
                                + " alter delay set default 17, add column twice int generated always as (delay * 2) stored",
                        "alter table flights add constraint columns check (id >= 0)"));
    }

    /** Everything about a table that PostgreSQL's own views tell, each line with the names as they are seen. */
    private String described() throws SQLException {
        return warehouse.rows("""
                select 'column', to_jsonb(c) - 'table_schema' from information_schema.columns c
                    where table_schema = current_schema and table_name = 'flights'
                union all select 'attribute', jsonb_build_array(attname, attnotnull, attstattarget, attstorage, attoptions,
                    attacl::text, col_description(attrelid, attnum)) from pg_attribute
                    where attrelid = 'flights'::regclass and attnum > 0 and not attisdropped
                union all select 'constraint', jsonb_build_array(conname, contype, condeferrable, condeferred,
                    convalidated, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'))
                    from pg_constraint where conrelid = 'flights'::regclass
                union all select 'referring', jsonb_build_array(conrelid::regclass, conname, pg_get_constraintdef(oid))
                    from pg_constraint where confrelid = 'flights'::regclass
                union all select 'index', jsonb_build_array(indexname, indexdef, obj_description(
                    quote_ident(indexname)::regclass, 'pg_class')) from pg_indexes
                    where schemaname = current_schema and tablename = 'flights'
                union all select 'cluster', jsonb_build_array(indexrelid::regclass, indisclustered, indisreplident)
                    from pg_index where indrelid = 'flights'::regclass
                union all select 'table', jsonb_build_array(pg_get_userbyid(relowner), reloptions,
                    relreplident, relrowsecurity, obj_description(oid, 'pg_class'), relpersistence)
                    from pg_class where oid = 'flights'::regclass
                union all select 'toast', jsonb_build_array(t.reloptions) from pg_class c join pg_class t
                    on t.oid = c.reltoastrelid where c.oid = 'flights'::regclass
                union all select 'grant', jsonb_build_array(grantor, grantee, privilege_type, is_grantable)
                    from information_schema.table_privileges
                    where table_schema = current_schema and table_name = 'flights'
                union all select 'trigger', jsonb_build_array(tgname, tgenabled, pg_get_triggerdef(oid)) from pg_trigger
                    where tgrelid = 'flights'::regclass and not tgisinternal and tgname !~ '^bf_'
                union all select 'rule', to_jsonb(r) from pg_rules r
                    where schemaname = current_schema and tablename = 'flights'
                union all select 'policy', to_jsonb(p) from pg_policies p
                    where schemaname = current_schema and tablename = 'flights'
                union all select 'publication', to_jsonb(p) from pg_publication_tables p
                    where schemaname = current_schema and tablename = 'flights'
                union all select 'view', jsonb_build_array(viewname, definition) from pg_views
                    where schemaname = current_schema
                union all select 'sequence', to_jsonb(s) from pg_sequences s
                    where schemaname = current_schema and sequencename !~ '^bf_'
                union all select 'serial', jsonb_build_array(attname, pg_get_serial_sequence('flights', attname))
                    from pg_attribute where attrelid = 'flights'::regclass and attnum > 0 and not attisdropped
                union all select 'statistics', jsonb_build_array(stxname, pg_get_statisticsobjdef(oid), stxstattarget,
                    obj_description(oid, 'pg_statistic_ext')) from pg_statistic_ext
                    where stxrelid = 'flights'::regclass
                """);
    }

    private void make(Kind kind) throws SQLException {
        String schema = "case_" + ++cases;
        warehouse.run(
                "drop publication if exists pub_all, pub_one, pub_bare, pub_schema",
                "create schema " + schema,
                "set search_path = " + schema + ", public",
                "create table airports (code text primary key)",
                "insert into airports values ('TXL')",
                "create table flights (id bigint primary key, day date, delay int, note text, origin text)",
                "insert into flights select i, date '2001-01-01' + i % 5, i, 'old', 'TXL' from generate_series(0, 19) i",
                "create table source (id bigint, day date, delay int, note text, origin text)");
        for (String statement : kind.make()) {
            warehouse.run(statement.replace("%s", schema));
        }
        warehouse.run("insert into source (id, day, delay, note, origin)"
                + " select id, day, delay + 1, 'new', 'TXL' from flights");
        for (String column : List.of("serial", "number")) {
            if (!warehouse
                    .ask("select count(*) from information_schema.columns where table_schema = current_schema"
                            + " and table_name = 'source' and column_name = '" + column + "'")
                    .equals("0")) {
                warehouse.run("update source set " + column + " = id + 500");
            }
        }
    }

    private static String columns() throws SQLException {
        return warehouse.ask("select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
                + " where table_schema = current_schema and table_name = 'source'");
    }

    private Work work(Kind kind, boolean swap) throws SQLException {
        make(kind);
        String schema = warehouse.ask("select current_schema");
        String sql = "select " + columns() + " from " + schema
                + ".source s where s.day >= :partition_start and s.day < :partition_end";
        Work work = swap
                ? Work.swapping(warehouse, schema + ".flights", schema + ".source")
                : Work.replacing(warehouse, schema + ".flights", schema + ".source");
        return work.with(Runs.withSql(Runs.named(work.order(), schema), sql));
    }

    private Dependent found(Kind kind, Work work) {
        List<Dependent> dependents =
                warehouse.connector().catalog().dependents(work.order().target().name());
        return dependents.stream()
                .filter(found ->
                        found.kind().equals(kind.kind()) && found.name().contains(kind.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not in " + dependents));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void swap_preservesOrRefuses(Kind kind) throws SQLException {
        Work work = work(kind, true);
        Dependent dependent = found(kind, work);
        assertThat(dependent.swap()).isEqualTo(kind.swap());
        String before = described();
        if (kind.swap() == PRESERVED) {
            assertThat(warehouse
                            .connector()
                            .catalog()
                            .dependents(work.order().target().name()))
                    .allMatch(one -> one.swap() == PRESERVED);
            work.ready().published();
            assertThat(described()).isEqualTo(before);
            assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                    .isEqualTo("12");
            work.rollBack(0);
            assertThat(described()).isEqualTo(before);
            assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                    .isEqualTo("0");
        } else {
            assertThat(dependent.why()).contains("swap: ");
            String structure =
                    warehouse.table(work.order().target().name().toString()).structure();
            assertThat(refusalOf(() -> work.ready().publish()).code()).isIn(REFUSALS);
            assertThat(warehouse.table(work.order().target().name().toString()).structure())
                    .isEqualTo(structure);
            assertThat(described()).isEqualTo(before);
        }
    }

    /** A look: every other kind. */
    static Stream<Kind> someKindsThatASwapLoses() {
        List<Kind> all = kindsThatASwapLoses().toList();
        return IntStream.range(0, all.size()).filter(i -> i % 2 == 0).mapToObj(all::get);
    }

    static Stream<Kind> kindsThatASwapLoses() {
        return kinds().filter(kind -> kind.swap() == REFUSED);
    }

    static Stream<Kind> kindsThatEverythingPreserves() {
        return kinds().filter(kind -> kind.swap() == PRESERVED);
    }

    @ParameterizedTest
    @MethodSource("someKindsThatASwapLoses")
    void replace_preservesOrRefuses(Kind kind) throws SQLException {
        replace(kind);
    }

    @ParameterizedTest
    @Tag("fault")
    @MethodSource("kindsThatASwapLoses")
    void replace_preservesOrRefuses_eachKind(Kind kind) throws SQLException {
        replace(kind);
    }

    @ParameterizedTest
    @Tag("fault")
    @MethodSource("kindsThatEverythingPreserves")
    void replace_preservesWhatASwapPreserves(Kind kind) throws SQLException {
        replace(kind);
    }

    private void replace(Kind kind) throws SQLException {
        Work work = work(kind, false);
        Dependent dependent = found(kind, work);
        assertThat(dependent.replace()).isEqualTo(kind.replace());
        String before = described();
        if (kind.replace() == PRESERVED) {
            assertThat(warehouse
                            .connector()
                            .catalog()
                            .dependents(work.order().target().name()))
                    .allMatch(one -> one.replace() == PRESERVED);
            work.ready().published();
            assertThat(described()).isEqualTo(before);
            assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                    .isEqualTo("12");
            work.rollBack(0);
            assertThat(described()).isEqualTo(before);
            assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                    .isEqualTo("0");
        } else {
            assertThat(dependent.why()).contains("replace: ");
            assertThat(refusalOf(() -> work.ready().publish()).code()).isIn(REFUSALS);
            assertThat(described()).isEqualTo(before);
            assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                    .isEqualTo("0");
        }
    }
}
