package dev.backstitch.examples;

/** How a word is written for a shell. */
final class Shell {
    private Shell() {}

    /** The word itself where it is harmless, else in single quotes. */
    static String quoted(String word) {
        return word.matches("[\\w./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
