package dev.backstitch.connector.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.ResolvedTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jooq.impl.DSL;

/**
 * Everything that the catalogue knows to hang on a table, each thing with a definition that reads the same for another
 * table of the same shape once that one has the name. One query answers what a plan shows, what it refuses and what a
 * swap has to prove, so that the three cannot disagree.
 *
 * @param facts in a stable order
 */
record Inventory(List<Fact> facts) {
    private static final String QUERY = resource("inventory.sql");

    /** Of the parts of the query the ones that tell of the structure; all of it takes the server ten times as long. */
    private static final String STRUCTURE_QUERY = only("t", "columns", "keys", "constraints");

    /** A change of one of these changes the table's structure. */
    private static final Set<String> STRUCTURE = Set.of(
            "column",
            "primary key",
            "unique constraint",
            "unique index",
            "exclusion constraint",
            "check constraint",
            "foreign key",
            "foreign key to itself");

    /** These are the table itself rather than something that hangs on it. */
    private static final Set<String> OF_THE_TABLE = Set.of("column", "column setting");

    /**
     * One thing.
     *
     * @param kind what it is
     * @param name what tells it apart from others of its kind
     * @param definition all that has to stay the same
     * @param swapRefusal why a swap would lose or change it; empty when it is carried over
     * @param replaceRefusal why replacing rows would change it or be changed by it; empty when not
     */
    record Fact(
            String kind,
            String name,
            String definition,
            Optional<String> swapRefusal,
            Optional<String> replaceRefusal) {
        Dependent asDependent() {
            return new Dependent(
                    kind,
                    name,
                    swapRefusal.isPresent() ? Dependent.Fate.REFUSED : Dependent.Fate.PRESERVED,
                    replaceRefusal.isPresent() ? Dependent.Fate.REFUSED : Dependent.Fate.PRESERVED,
                    Stream.of(
                                    swapRefusal.map(why -> "swap: " + why).stream(),
                                    replaceRefusal.map(why -> "replace: " + why).stream())
                            .flatMap(why -> why)
                            .collect(joining("; ")));
        }

        @Override
        public String toString() {
            return kind + " " + name + (definition.isEmpty() ? "" : ": " + definition);
        }
    }

    Inventory {
        facts = List.copyOf(facts);
    }

    /** Of the table or view of this name, which has to be there. */
    static Inventory of(Session session, ResolvedTable name, String ledgerSchema) {
        String identity = session.one(
                DSL.query("select {0}::regclass::oid", DSL.val(Quoted.table(name))), row -> row.getString(1));
        return of(session, identity, ledgerSchema);
    }

    /** Of the table with this identity; nothing when there is none. */
    static Inventory of(Session session, String identity, String ledgerSchema) {
        return new Inventory(ask(session, new BoundSql(QUERY, List.of(Long.parseLong(identity), ledgerSchema))));
    }

    private static List<Fact> ask(Session session, BoundSql query) {
        // Names in definitions are qualified unless the search path finds them, and whoever reads may have another one.
        String searchPath = session.one(DSL.query("select current_setting('search_path')"), row -> row.getString(1));
        session.update(DSL.query("set local search_path = pg_catalog"));
        List<Fact> facts = session.list(
                query,
                row -> new Fact(
                        row.getString("kind"),
                        row.getString("name"),
                        Optional.ofNullable(row.getString("definition")).orElse(""),
                        Optional.ofNullable(row.getString("swap")),
                        Optional.ofNullable(row.getString("replace"))));
        session.one(
                DSL.query("select set_config('search_path', {0}, true)", DSL.val(searchPath)), row -> row.getString(1));
        return facts;
    }

    /** A fingerprint of columns, types, nullability, defaults and constraints of the table with this identity. */
    static String structure(Session session, String identity) {
        return new Inventory(ask(session, new BoundSql(STRUCTURE_QUERY, List.of(Long.parseLong(identity)))))
                .structure();
    }

    /** The query with these of its parts alone, the first of which is no answer but what the others are about. */
    private static String only(String about, String... parts) {
        Matcher named = Pattern.compile("(?m)^(?:with )?(\\w+) as (\\(.*?^\\)),?$", Pattern.DOTALL)
                .matcher(QUERY);
        Map<String, String> bodies = new HashMap<>();
        while (named.find()) {
            bodies.put(named.group(1), named.group(2));
        }
        return Stream.concat(Stream.of(about), Stream.of(parts))
                        .map(name -> name + " as " + Objects.requireNonNull(bodies.get(name), name))
                        .collect(joining(",\n", "with ", "\n"))
                + Stream.of(parts)
                        .map(name -> "select * from " + name)
                        .collect(joining("\nunion all ", "", "\norder by 1, 2, 3"));
    }

    List<Dependent> dependents() {
        return facts.stream()
                .filter(fact -> !OF_THE_TABLE.contains(fact.kind()))
                .map(Fact::asDependent)
                .toList();
    }

    /** A fingerprint of columns, types, nullability, defaults and constraints. */
    private String structure() {
        String lines = facts.stream()
                .filter(fact -> STRUCTURE.contains(fact.kind()))
                .map(Fact::toString)
                .collect(joining("\n"));
        return sha256(lines);
    }

    /** The things of these kinds. */
    List<Fact> of(String... kinds) {
        Set<String> wanted = Set.of(kinds);
        return facts.stream().filter(fact -> wanted.contains(fact.kind())).toList();
    }

    /** What this one has and the other lacks, word for word. */
    List<Fact> without(Inventory other) {
        Set<String> there = other.facts.stream().map(Fact::toString).collect(toSet());
        return facts.stream().filter(fact -> !there.contains(fact.toString())).toList();
    }

    /** In hexadecimal digits. */
    static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The text of a query that lies beside this class. */
    static String resource(String name) {
        try (InputStream sql = Inventory.class.getResourceAsStream(name)) {
            if (sql == null) {
                throw new IllegalStateException(name + " is missing beside " + Inventory.class.getName());
            }
            return new String(sql.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
