package dev.backstitch.connector.snowflake;

import dev.backstitch.spi.Column.Family;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Snowflake's types as its catalogue spells them, from any of the spellings that it takes.
 *
 * @see <a href="https://docs.snowflake.com/en/sql-reference/intro-summary-data-types">Summary of data types</a>
 */
final class SnowflakeTypes {
    private static final Pattern SPELT = Pattern.compile("\\s*([A-Za-z_][A-Za-z_0-9 ]*?)\\s*(\\((.*)\\))?\\s*");
    private static final Set<String> WHOLE_NUMBERS =
            Set.of("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT");
    private static final Set<String> DECIMALS = Set.of("NUMBER", "DECIMAL", "DEC", "NUMERIC");
    private static final Set<String> FLOATS = Set.of("FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL");
    private static final Set<String> TEXTS =
            Set.of("VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING");
    private static final Set<String> CHARACTERS = Set.of("CHAR", "CHARACTER", "NCHAR");
    private static final Map<String, String> TIMES = Map.ofEntries(
            Map.entry("TIME", "TIME"),
            Map.entry("DATETIME", "TIMESTAMP_NTZ"),
            Map.entry("TIMESTAMP", "TIMESTAMP_NTZ"),
            Map.entry("TIMESTAMP_NTZ", "TIMESTAMP_NTZ"),
            Map.entry("TIMESTAMPNTZ", "TIMESTAMP_NTZ"),
            Map.entry("TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_NTZ"),
            Map.entry("TIMESTAMP_LTZ", "TIMESTAMP_LTZ"),
            Map.entry("TIMESTAMPLTZ", "TIMESTAMP_LTZ"),
            Map.entry("TIMESTAMP WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ"),
            Map.entry("TIMESTAMP_TZ", "TIMESTAMP_TZ"),
            Map.entry("TIMESTAMPTZ", "TIMESTAMP_TZ"),
            Map.entry("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_TZ"));
    private static final String MOST_TEXT = "16777216";
    private static final String MOST_BYTES = "8388608";

    private SnowflakeTypes() {}

    /** {@code NUMBER(38,0)} for {@code bigint}; a type that is not known stays as it is, in capitals. */
    static String normal(String type) {
        Matcher spelt = SPELT.matcher(type);
        if (!spelt.matches()) {
            return type.toUpperCase(Locale.ROOT);
        }
        String word = spelt.group(1).toUpperCase(Locale.ROOT).replaceAll("\\s+", " ");
        String size = spelt.group(3) == null ? "" : spelt.group(3).replaceAll("\\s", "");
        if (WHOLE_NUMBERS.contains(word)) {
            return "NUMBER(38,0)";
        }
        if (DECIMALS.contains(word)) {
            return "NUMBER(" + (size.isEmpty() ? "38,0" : size.contains(",") ? size : size + ",0") + ")";
        }
        if (FLOATS.contains(word)) {
            return "FLOAT";
        }
        if (TEXTS.contains(word)) {
            return "VARCHAR(" + (size.isEmpty() ? MOST_TEXT : size) + ")";
        }
        if (CHARACTERS.contains(word)) {
            return "VARCHAR(" + (size.isEmpty() ? "1" : size) + ")";
        }
        if (word.equals("BINARY") || word.equals("VARBINARY")) {
            return "BINARY(" + (size.isEmpty() ? MOST_BYTES : size) + ")";
        }
        String time = TIMES.get(word);
        if (time != null) {
            return time + "(" + (size.isEmpty() ? "9" : size) + ")";
        }
        return word + (size.isEmpty() ? "" : "(" + size + ")");
    }

    static Family family(String type) {
        String normal = normal(type);
        int bracket = normal.indexOf('(');
        return switch (bracket < 0 ? normal : normal.substring(0, bracket)) {
            case "DATE" -> Family.DATE;
            case "TIMESTAMP_NTZ" -> Family.LOCAL_TIMESTAMP;
            case "TIMESTAMP_LTZ", "TIMESTAMP_TZ" -> Family.INSTANT;
            case "NUMBER", "FLOAT" -> Family.NUMBER;
            case "VARCHAR" -> Family.TEXT;
            default -> Family.OTHER;
        };
    }

    /** Whether values of the type are compared as JSON, since the database does not compare them. */
    static boolean isSemiStructured(String type) {
        String normal = normal(type);
        return normal.startsWith("VARIANT") || normal.startsWith("OBJECT") || normal.startsWith("ARRAY");
    }
}
