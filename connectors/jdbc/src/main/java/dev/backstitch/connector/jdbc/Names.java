package dev.backstitch.connector.jdbc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jooq.Name;
import org.jooq.impl.DSL;

/** Names of our own: hashed, so that no truncation can make one the target's. */
public final class Names {
    private static final int LENGTH = 16;

    private Names() {}

    /** A column of a table with an alias of ours, which is not quoted. */
    static Name in(String alias, String column) {
        return DSL.unquotedName(alias).append(DSL.quotedName(column));
    }

    /** Sixteen hexadecimal digits of the SHA-256 of a text. */
    public static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
