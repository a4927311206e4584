package dev.backstitch.faults;

import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import javax.sql.DataSource;

/** The databases of the suite. */
enum Product {
    DUCKDB(
            // What the catalogue holds beside the tables of the scene and the ledger's.
            "select table_schema || '.' || table_name from information_schema.tables where"
                    + " table_schema || '.' || table_name not in (" + Product.KNOWN + ")"
                    + " union all select 'index ' || index_name from duckdb_indexes()"
                    + " union all select 'sequence ' || sequence_name from duckdb_sequences()"
                    + " union all select 'view ' || view_name from duckdb_views() where not internal"
                    + " and view_name <> 'orders'"
                    + " union all select 'macro ' || function_name from duckdb_functions() where not internal",
            "select column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')"
                    + " from information_schema.columns where table_schema = 'app' and table_name = 'orders'"
                    + " union all select constraint_text from duckdb_constraints()"
                    + " where schema_name = 'app' and table_name = 'orders' order by 1") {
        @Override
        Connector connector(DataSource source) {
            return DuckDb.on(source).open();
        }
    },
    POSTGRESQL(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                    + " where c.relkind <> 'i' and n.nspname not in ('pg_catalog', 'pg_toast',"
                    + " 'information_schema') and n.nspname || '.' || c.relname not in (" + Product.KNOWN + ")"
                    + " union all select 'trigger ' || tgname from pg_trigger where not tgisinternal"
                    + " union all select 'function ' || p.oid::regprocedure from pg_proc p"
                    + " join pg_namespace n on n.oid = p.pronamespace"
                    + " where n.nspname not in ('pg_catalog', 'information_schema')"
                    + " union all select 'publication ' || pubname from pg_publication"
                    + " union all select 'prepared transaction ' || gid from pg_prepared_xacts"
                    + " union all select concat_ws(' ', 'session', pid, application_name, state, query)"
                    + " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                    + " and backend_type = 'client backend'"
                    + " union all select 'advisory lock ' || objid from pg_locks where locktype = 'advisory'"
                    + " and database = (select oid from pg_database where datname = current_database())",
            "select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '"
                    + " || coalesce(pg_get_expr(d.adbin, d.adrelid), '') from pg_attribute a"
                    + " left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
                    + " where a.attrelid = 'app.orders'::regclass and a.attnum > 0 and not a.attisdropped"
                    + " union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint"
                    + " where conrelid = 'app.orders'::regclass"
                    + " union all select pg_get_indexdef(indexrelid) from pg_index"
                    + " where indrelid = 'app.orders'::regclass order by 1") {
        @Override
        Connector connector(DataSource source) {
            return Postgres.on(source).open();
        }
    };

    /** The tables of the scene, and the ledger's. */
    private static final String KNOWN =
            "'app.orders', 'app.orders_v1', 'app.returns', 'staging.orders', 'backstitch.bf_head', 'backstitch.bf_ledger',"
                    + " 'backstitch.bf_archive', 'backstitch.bf_task', 'backstitch.bf_audit', 'backstitch.bf_plan'";

    private final String leftovers;
    private final String structure;

    Product(String leftovers, String structure) {
        this.leftovers = leftovers;
        this.structure = structure;
    }

    abstract Connector connector(DataSource source);

    /** A query for everything in the database that the scene and the ledger's tables don't account for. */
    String leftovers() {
        return leftovers;
    }

    /** A query for the columns, constraints and indexes of the table with the orders. */
    String structure() {
        return structure;
    }
}
