package dev.backstitch.connector.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows by column as the ledger keeps them, such as {@code delay=12&delay_class=4711}; names are encoded as in a form. */
final class ChangedColumns {
    private ChangedColumns() {}

    static String written(Map<String, Long> changed) {
        return new TreeMap<>(changed)
                .entrySet().stream()
                        .map(column -> URLEncoder.encode(column.getKey(), UTF_8) + "=" + column.getValue())
                        .collect(Collectors.joining("&"));
    }

    static Map<String, Long> read(@Nullable String text) {
        Map<String, Long> changed = new HashMap<>();
        if (text != null && !text.isEmpty()) {
            for (String column : text.split("&", -1)) {
                int end = column.lastIndexOf('=');
                changed.put(
                        URLDecoder.decode(column.substring(0, end), UTF_8), Long.valueOf(column.substring(end + 1)));
            }
        }
        return changed;
    }
}
