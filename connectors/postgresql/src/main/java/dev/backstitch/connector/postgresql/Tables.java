package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.RowReader;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jooq.impl.DSL;

/** Reads tables from the catalogue. */
final class Tables {
    private record Relation(long oid, ResolvedTable name, TableInfo.Kind kind, long estimatedRows) {}

    /** The table of exactly this name. */
    Optional<TableInfo> find(Session session, ResolvedTable table) {
        return relation(session, List.of(table.schema(), table.table())).map(found -> info(session, found));
    }

    /**
     * The table that a developer's name means: each part as it is written where that exists, in lower case as an unquoted
     * name otherwise; a name of one part through the search path.
     */
    Optional<TableInfo> resolve(Session session, TableName name) {
        List<String> parts = name.parts();
        if (parts.size() == 3) {
            String database = session.one(DSL.query("select current_database()"), row -> row.getString(1));
            if (!database.equals(parts.get(0)) && !database.equals(folded(parts.get(0)))) {
                return Optional.empty();
            }
            parts = parts.subList(1, 3);
        }
        for (List<String> spelling : spellings(parts)) {
            Optional<Relation> found = relation(session, spelling);
            if (found.isPresent()) {
                return found.map(relation -> info(session, relation));
            }
        }
        return Optional.empty();
    }

    /** Exact ones first. PostgreSQL folds ASCII letters only, in every encoding with more than one byte. */
    private static List<List<String>> spellings(List<String> parts) {
        List<List<String>> spellings = List.of(List.of());
        for (String part : parts) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> spelling : spellings) {
                for (String form : List.of(part, folded(part))) {
                    List<String> next = new ArrayList<>(spelling);
                    next.add(form);
                    longer.add(next);
                }
            }
            spellings = longer;
        }
        return spellings.stream().distinct().toList();
    }

    private static String folded(String part) {
        StringBuilder folded = new StringBuilder(part.length());
        part.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return folded.toString();
    }

    private Optional<Relation> relation(Session session, List<String> parts) {
        // A name that is too long would be cut off, and could then mean another table.
        if (parts.stream().anyMatch(part -> part.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 63)) {
            return Optional.empty();
        }
        String quoted = String.join(
                ".",
                parts.stream()
                        .map(part -> '"' + part.replace("\"", "\"\"") + '"')
                        .toList());
        return session.first(
                DSL.query("""
                        select c.oid, n.nspname, c.relname, greatest(c.reltuples, 0)::bigint as rows,
                            case
                                when c.relkind in ('v', 'm') then 'VIEW'
                                when c.relkind = 'r' and c.relpersistence = 'p' and not c.relispartition
                                    and not exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent))
                                    then 'TABLE'
                                else 'OTHER' end as kind
                        from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.oid = to_regclass({0})::oid
                        """, DSL.val(quoted)),
                row -> new Relation(
                        row.getLong("oid"),
                        new ResolvedTable("", row.getString("nspname"), row.getString("relname")),
                        TableInfo.Kind.valueOf(row.getString("kind")),
                        row.getLong("rows")));
    }

    private static TableInfo info(Session session, Relation relation) {
        String identity = Long.toString(relation.oid());
        return new TableInfo(
                relation.name(),
                identity,
                relation.kind(),
                columns(session, relation.oid()),
                uniqueKeys(session, relation.oid()),
                relation.estimatedRows(),
                Inventory.structure(session, identity));
    }

    private static List<Column> columns(Session session, long oid) {
        return session.list(DSL.query("""
                        select a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, a.attgenerated,
                            (with recursive base as (
                                select ty.oid, ty.typbasetype from pg_type ty where ty.oid = a.atttypid
                                union all
                                select ty.oid, ty.typbasetype from base join pg_type ty on ty.oid = base.typbasetype)
                             select format_type(oid, null) from base where typbasetype = 0) as base
                        from pg_attribute a
                        where a.attrelid = {0}::oid and a.attnum > 0 and not a.attisdropped
                        order by a.attnum
                        """, DSL.val(oid)), column());
    }

    private static RowReader<Column> column() {
        return row -> new Column(
                row.getString("attname"),
                row.getString("type"),
                family(row.getString("base")),
                row.getBoolean("attnotnull") ? Column.Nullability.NOT_NULL : Column.Nullability.NULLABLE,
                row.getString("attgenerated").isEmpty() ? Column.Origin.WRITTEN : Column.Origin.GENERATED);
    }

    /** The kind of a type, by its name without modifiers. */
    static Column.Family family(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "date" -> Column.Family.DATE;
            case "timestamp", "timestamp without time zone" -> Column.Family.LOCAL_TIMESTAMP;
            case "timestamptz", "timestamp with time zone" -> Column.Family.INSTANT;
            case "smallint",
                    "integer",
                    "bigint",
                    "numeric",
                    "real",
                    "double precision",
                    "int2",
                    "int4",
                    "int8",
                    "float4",
                    "float8" -> Column.Family.NUMBER;
            case "text", "character varying", "varchar", "character", "bpchar", "name" -> Column.Family.TEXT;
            default -> Column.Family.OTHER;
        };
    }

    private static List<List<String>> uniqueKeys(Session session, long oid) {
        return session.list(
                DSL.query("""
                        select array_agg(a.attname::text order by k.position) as columns
                        from pg_index i
                        cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, position)
                        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                        where i.indrelid = {0}::oid and i.indisunique and i.indisvalid and i.indisready
                            and i.indpred is null and i.indexprs is null and k.position <= i.indnkeyatts
                        group by i.indexrelid
                        order by i.indexrelid
                        """, DSL.val(oid)),
                row -> List.of((String[]) row.getArray("columns").getArray()));
    }
}
