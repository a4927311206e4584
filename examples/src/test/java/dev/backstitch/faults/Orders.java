package dev.backstitch.faults;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Write;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * The backfill of the fault suite: eight days of orders, of which four are recomputed. The source brings corrections, new
 * orders, second deliveries and two of the same instant, lacks an order that the table has, and leaves others as they are.
 * The rows that it changes are marked.
 */
final class Orders {
    static final String TABLE = "app.orders";

    /** The target's rows as text, in a stable order. */
    static final String ROWS =
            "select concat_ws('|', id, day, amount, label, loaded_at) from app.orders order by id, day, amount, label";

    static final String IN_SCOPE = "day >= date '2026-03-03' and day < date '2026-03-07'";

    /** The partitions of the scope. */
    static final List<String> PARTITIONS = List.of("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06");

    /** What an uninterrupted backfill leaves, by a query that shares nothing with the engine's. */
    private static final String EXPECTED = "select concat_ws('|', id, day, amount, label, loaded_at) from ("
            + "select id, day, amount, label, loaded_at from app.orders where not (" + IN_SCOPE + ") union all "
            + "select id, day, amount, case when amount < 100 then 'low' else 'high' end, loaded_at"
            + " from staging.orders s where " + IN_SCOPE
            + " and not exists (select 1 from staging.orders later where later.id = s.id"
            + " and (later.loaded_at > s.loaded_at or later.loaded_at = s.loaded_at and later.amount > s.amount))) t"
            + " order by id, day, amount, label";

    /** The rows that a merge has marked, by whom. */
    static final String MARKED = "select distinct touched_by from app.orders where touched_at is not null";

    /** The same rows as of {@link #ROWS}, of those that a merge has marked alone. */
    static final String MARKED_ROWS = ROWS.replace(" order by", " where touched_by is not null order by");

    private static final String MERGE =
            "select id, day, amount, case when amount < 100 then 'low' else 'high' end as label, loaded_at"
                    + " from staging.orders where day >= :partition_start and day < :partition_end";

    /** A second target with the same rows, of which the same must come. */
    static final String TWIN = "app.returns";

    /** How the shadow becomes live. */
    enum Publishing {
        REPLACE,
        SWAP,
        /** The orders are a view of a table that is kept in versions. */
        REPOINT,
        /** Two targets in one transaction: the orders' rows are replaced, and their twin is swapped. */
        TOGETHER,
        /** As the first two, with writes that come between the audits and the publish. */
        REPLACE_LATE,
        SWAP_LATE;

        /** How one target is published. */
        static final List<Publishing> ALONE = List.of(REPLACE, SWAP);

        /** Whether somebody writes after the audits, and the publish brings that in. */
        boolean catchesUp() {
            return this == REPLACE_LATE || this == SWAP_LATE;
        }

        /** Whether the whole table is published. */
        boolean swaps() {
            return this == SWAP || this == REPOINT || this == SWAP_LATE;
        }

        /** How many targets are published. */
        int targets() {
            return this == TOGETHER ? 2 : 1;
        }
    }

    /** What is written late: a row of the scope that the source brings as well, and one outside. Any number of times. */
    static final String[] LATE_WRITES = {
        "update app.orders set label = 'late', amount = 999 where id = 3011",
        "update app.orders set label = 'late', amount = 998 where id = 7011"
    };

    private Orders() {}

    /** Makes target and source. */
    static void create(Connection connection) throws SQLException {
        create(connection, "bigint primary key");
    }

    /** Makes target and source; nothing in the database keeps the key. */
    static void createWithoutKey(Connection connection) throws SQLException {
        create(connection, "bigint");
    }

    /** Makes the second target, too. */
    static void createTwin(Connection connection) throws SQLException {
        Sql.run(
                connection,
                "create table app.returns (id bigint primary key, day date not null, amount integer not null,"
                        + " label varchar(20), loaded_at timestamp not null, touched_at timestamp, touched_by varchar(40))",
                "insert into app.returns select * from app.orders");
    }

    /** Makes a view of the orders, of the table that they are in. */
    /** A view of a dashboard's, beside the one that is repointed. */
    static final String BOARD = "app.board";

    static void showOnABoard(Connection connection) throws SQLException {
        hideBehindAView(connection);
        Sql.run(connection, "create view " + BOARD + " as select * from app.orders_v1");
    }

    static void hideBehindAView(Connection connection) throws SQLException {
        Sql.run(
                connection,
                "alter table app.orders rename to orders_v1",
                "create view app.orders as select * from app.orders_v1");
    }

    private static void create(Connection connection, String id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            statement.execute("create schema staging");
            statement.execute("create table app.orders (id " + id + ", day date not null,"
                    + " amount integer not null, label varchar(20), loaded_at timestamp not null,"
                    + " touched_at timestamp, touched_by varchar(40))");
            statement.execute("create table staging.orders (id bigint, day date, amount integer, loaded_at timestamp)");
            statement.execute("insert into app.orders (id, day, amount, label, loaded_at)"
                    + " select d * 1000 + i, date '2026-03-01' + cast(d as integer),"
                    + " cast(case when i % 5 = 0 then 10 * i + d else 7 * i end as integer),"
                    + " case when i % 5 = 0 then case when 10 * i + d < 100 then 'low' else 'high' end else 'old' end,"
                    + " timestamp '2026-03-20 00:00:00'"
                    + " from generate_series(0, 7) days(d), generate_series(0, 39) numbers(i)");
            statement.execute("insert into staging.orders select d * 1000 + i, date '2026-03-01' + cast(d as integer),"
                    + " cast(10 * i + d as integer), timestamp '2026-03-20 00:00:00'"
                    + " from generate_series(0, 7) days(d), generate_series(0, 42) numbers(i) where i <> 13");
            statement.execute("insert into staging.orders select id, day, amount + 3, timestamp '2026-03-21 00:00:00'"
                    + " from staging.orders where id % 7 = 3");
            statement.execute("insert into staging.orders select id, day, amount + 5, loaded_at"
                    + " from staging.orders where id % 7 = 5");
        }
    }

    /** What an uninterrupted backfill would leave, computed before any ran. */
    static List<String> expected(Connection connection) throws SQLException {
        return Sql.column(connection, EXPECTED);
    }

    /** The backfill, one merge at a time, so that its calls come in one order. */
    static Dag dag(Publishing publishing) {
        return dag(publishing, MERGE);
    }

    /** The backfill, which holds what a file of the site stands for, and is watched. */
    static Dag holding(Site site, Publishing publishing) {
        Backfill orders = dag(publishing).backfills().get(0);
        return new Dag(
                "orders",
                orders.holding(new Hold.Coded("downstream", 1, new Flag(held(site))))
                        .watch(Duration.ofHours(24))
                        .every(Duration.ofMinutes(15))
                        .check(new Audit.Unique(List.of("id"), Severity.BLOCKING)));
    }

    /** Behind a view, where readers of another view stay with the former version. */
    static Dag pinning() {
        Backfill plain = dag(Publishing.REPOINT).backfills().get(0);
        return new Dag(
                "orders",
                new Backfill(
                        plain.name(),
                        plain.owner(),
                        plain.reason(),
                        plain.target(),
                        plain.scope(),
                        plain.shadow(),
                        plain.merge(),
                        plain.limits(),
                        plain.audits(),
                        ((Publish.RepointView) plain.publish()).pinning(List.of(TableName.parse(BOARD)))));
    }

    /** The file that is there while downstream is held. */
    static Path held(Site site) {
        return site.home().resolve("held");
    }

    /** Something that is held as long as a file is there. */
    private record Flag(Path file) implements Hold.Port {
        @Override
        public Hold.Before look() {
            return new Hold.Before(Files.exists(file), "");
        }

        @Override
        public void hold(String note) throws IOException {
            Files.writeString(file, "held");
        }

        @Override
        public void release(String note) throws IOException {
            Files.deleteIfExists(file);
        }
    }

    /** The backfill with another source query. */
    static Dag dag(Publishing publishing, String sql) {
        return dag(publishing, sql, 10, 20);
    }

    /** The backfill that brings only orders that nobody else knows, and whatever others write meanwhile. */
    static Dag besideWriters(Publishing publishing) {
        return new Dag(
                "orders",
                backfill(
                        "orders_label", TABLE, publishing, MERGE + " and id % 1000 >= 40", Optional.empty(), 1000, 40));
    }

    /** The backfill that takes whatever number of rows. */
    static Dag lenient(Publishing publishing) {
        return dag(publishing, MERGE, 100, 1000);
    }

    private static Dag dag(Publishing publishing, String sql, int deletingPercent, int countPercent) {
        Optional<Merge.AtMost> deleting = Optional.of(new Merge.AtMost(BigDecimal.valueOf(deletingPercent)));
        if (publishing == Publishing.TOGETHER) {
            Backfill orders = backfill("orders_label", TABLE, Publishing.REPLACE, sql, deleting, countPercent, 5);
            Backfill twin = backfill("returns_label", TWIN, Publishing.SWAP, sql, deleting, countPercent, 5);
            return new Dag("orders", List.of(orders, twin), List.of(), List.of()).publishTogether(orders, twin);
        }
        return new Dag("orders", backfill("orders_label", TABLE, publishing, sql, deleting, countPercent, 5));
    }

    private static Backfill backfill(
            String name,
            String target,
            Publishing publishing,
            String sql,
            Optional<Merge.AtMost> deleting,
            int countPercent,
            int attempts) {
        Shadow<?> shadow = publishing.swaps()
                ? new Shadow<Coverage.WholeTable>(Seed.WHOLE_TARGET, List.of())
                : new Shadow<Coverage.ScopeOnly>(Seed.SCOPE_OF_TARGET, List.of());
        Duration retention = Duration.ofDays(30);
        return new Backfill(
                name,
                "data-eng@example.com",
                "labels by amount",
                TableName.parse(target),
                Scope.days("day", LocalDate.parse("2026-03-03"), LocalDate.parse("2026-03-07")),
                shadow,
                new Merge(
                        sql,
                        List.of("id"),
                        Optional.of(new Merge.Dedupe.Keep(Merge.Dedupe.End.LATEST, List.of("loaded_at", "amount"))),
                        deleting,
                        Merge.Emptiness.REFUSED,
                        Write.EVERYTHING,
                        Optional.of(new Stamping(List.of(
                                new Stamp("touched_at", Stamp.Value.UPDATED_AT),
                                new Stamp("touched_by", Stamp.Value.RUN_ID))))),
                new Limits(
                        1,
                        Duration.ofMinutes(2),
                        new Limits.Retry(attempts, Duration.ofMillis(20), Duration.ofMillis(200))),
                List.of(
                        new Audit.Unique(List.of("id"), Severity.BLOCKING),
                        new Audit.Rows(
                                new Rule.Satisfies("amount >= 0"),
                                BigDecimal.ZERO,
                                Audit.Grain.EACH_PARTITION,
                                Severity.BLOCKING),
                        new Audit.Measured(
                                Metric.rowCount(),
                                Optional.empty(),
                                new Expectation.LikeLive(
                                        BigDecimal.ONE,
                                        new Expectation.Tolerance.Percent(BigDecimal.valueOf(countPercent)),
                                        Optional.empty()),
                                Audit.Grain.WHOLE,
                                Severity.BLOCKING)),
                publish(publishing, retention));
    }

    private static Publish<?> publish(Publishing publishing, Duration retention) {
        if (publishing == Publishing.REPOINT) {
            return new Publish.RepointView(TableName.parse(TABLE), retention);
        }
        Publish<?> publish =
                publishing.swaps() ? new Publish.SwapTable(retention) : new Publish.ReplacePartitions(retention);
        return publishing.catchesUp() ? publish.lateWrites(Publish.LateWrites.CATCH_UP) : publish;
    }
}
