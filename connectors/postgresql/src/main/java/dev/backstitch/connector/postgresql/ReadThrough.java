package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.Reads;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.impl.DSL;

/**
 * What a query reads through, by making it a temporary view: PostgreSQL then notes in its catalogue what the view depends
 * on. The view is gone with the transaction, and no row is read.
 */
final class ReadThrough {
    private static final String QUERY = Inventory.resource("reads.sql");

    private ReadThrough() {}

    private record Thing(Reads.Definition definition, Optional<String> unseen) {}

    static Reads of(Session session, BoundSql query) {
        session.update(new BoundSql("create temporary view bf_reads as " + query.text(), query.binds()));
        session.update(DSL.query("set local search_path = pg_catalog"));
        List<Thing> things = session.list(
                new BoundSql(QUERY, List.of()),
                row -> new Thing(
                        definition(row.getString("kind"), row.getString("name"), row.getString("definition")),
                        Optional.ofNullable(row.getString("unseen"))));
        return new Reads(
                things.stream().map(Thing::definition).toList(),
                Stream.concat(
                                things.stream().flatMap(thing -> thing.unseen().stream()),
                                Stream.of("rows, settings of the session, and types"))
                        .distinct()
                        .toList());
    }

    private static Reads.Definition definition(String kind, String name, String text) {
        return new Reads.Definition(kind, name, kind.equals("column") ? text : Inventory.sha256(text));
    }
}
