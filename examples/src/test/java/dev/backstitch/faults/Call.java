package dev.backstitch.faults;

import java.util.Locale;

/**
 * Something that is sent to a database through a {@link Tap}.
 *
 * @param number its place among all calls of the tap, from 1
 * @param store where it goes
 * @param phase what the engine does meanwhile
 * @param sql its text; {@code COMMIT} and {@code ROLLBACK} for these
 */
record Call(int number, Store store, Phase phase, String sql) {
    static final String COMMIT = "COMMIT";
    static final String ROLLBACK = "ROLLBACK";

    /** The two databases of an engine. */
    enum Store {
        TARGET,
        STATE
    }

    /** Whether its text holds all of these, in this order, in whatever case and with whatever quotes. */
    boolean says(String... parts) {
        String text = plain(sql);
        int from = 0;
        for (String part : parts) {
            int found = text.indexOf(plain(part), from);
            if (found < 0) {
                return false;
            }
            from = found + part.length();
        }
        return true;
    }

    boolean isCommit() {
        return sql.equals(COMMIT);
    }

    private static String plain(String text) {
        return text.replace("\"", "").replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        String line = sql.replaceAll("\\s+", " ");
        return number + " " + store + " " + phase + " " + line.substring(0, Math.min(160, line.length()));
    }
}
