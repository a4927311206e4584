package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a query reads through, as far as the catalogue tells: if one of these changes, the same query computes something
 * else.
 *
 * @param seen in a stable order
 * @param unseen what the catalogue doesn't tell, for people, such as {@code what function app.f(integer) reads in turn}
 */
public record Reads(List<Definition> seen, List<String> unseen) {
    public Reads {
        seen = List.copyOf(seen);
        unseen = List.copyOf(unseen);
    }

    /**
     * One thing that a query reads through.
     *
     * @param kind what it is, such as {@code view}, {@code function}, {@code column}
     * @param name its name, with what tells it apart
     * @param definition a column's type; of everything else a fingerprint, since definitions may hold what is secret
     */
    public record Definition(String kind, String name, String definition) {
        public Definition {
            requireNonNull(kind, "kind");
            requireNonNull(name, "name");
            requireNonNull(definition, "definition");
        }

        @Override
        public String toString() {
            return kind + " " + name;
        }
    }
}
