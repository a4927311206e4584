package dev.backstitch.examples;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How many flights went from one class to another, by comparing the live table with the archive. */
final class ClassChanges {
    private ClassChanges() {}

    static List<String> between(Path file, WorkOrder run) throws SQLException {
        String sql = """
                select a.delay_class, t.delay_class, count(*), count(*) filter (where a.delay <> t.delay)
                from %s a join %s t using (flight_id)
                group by all order by all""".formatted(quoted(run.archive()), quoted(run.target().name()));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file.toAbsolutePath());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> lines = new ArrayList<>();
            long corrected = 0;
            lines.add("delay_class before -> now, in flights:");
            while (rows.next()) {
                corrected += rows.getLong(4);
                String before = rows.getString(1);
                String now = rows.getString(2);
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-7s -> %-9s %,9d%s",
                        before,
                        now,
                        rows.getLong(3),
                        before.equals(now) ? "  (same class)" : ""));
            }
            lines.add(String.format(Locale.ROOT, "  with a corrected delay %,9d", corrected));
            return lines;
        }
    }

    private static String quoted(ResolvedTable table) {
        return table.parts().map(part -> '"' + part.replace("\"", "\"\"") + '"').collect(Collectors.joining("."));
    }
}
