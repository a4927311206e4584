package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.dsl.SettingsStep;
import dev.backstitch.error.RefusedException;
import dev.backstitch.golden.GoldenFile;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Planner;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.WorkOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people read when the plan gate refuses, with the words that each database adds. */
abstract class PlanGateContract {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-05T12:00:00Z"), ZoneOffset.UTC);
    private static final String COLUMNS = "id, day, taken_at, amount, region";
    private static final String FROM = " from staging.orders where day >= :partition_start and day < :partition_end";
    private static final Scope JANUARY = days("day").from("2026-01-01").to("2026-01-04");

    @TempDir
    static Path directory;

    /** Opens a database that is empty. */
    abstract Connector open(Path dir) throws Exception;

    /** A connection to it, for the test's own statements. */
    abstract Connection connect() throws Exception;

    /** What the database calls itself, in the name of the file. */
    abstract String product();

    /** What only this database refuses, and what it says of it. */
    abstract void own(Refusals refusals) throws Exception;

    @Test
    void refusals_readAsInTheirFile() throws Exception {
        try (Connector connector = open(directory)) {
            try (Connection connection = connect()) {
                create(connection);
            }
            Refusals refusals = new Refusals(
                    connector, GoldenFile.beside(PlanGateContract.class, "plan-gate-of-" + product() + ".txt"));
            targets(refusals);
            columns(refusals);
            sources(refusals);
            audits(refusals);
            several(refusals);
            own(refusals);
            busy(refusals);
            refusals.golden.check();
        }
    }

    private static void create(Connection connection) throws Exception {
        Sql.run(
                connection,
                "create schema app",
                "create schema staging",
                "create table app.orders (id bigint primary key, day date not null, taken_at timestamp with time zone,"
                        + " amount decimal(12, 2), region varchar(2))",
                "create table app.computed (id bigint primary key, day date, cents bigint,"
                        + " euros bigint generated always as (cents / 100) " + computed(connection) + ")",
                "create table app.parents (id bigint primary key, day date, taken_at timestamp with time zone,"
                        + " amount decimal(12, 2), region varchar(2))",
                "create table app.children (id bigint primary key references app.parents (id), day date,"
                        + " taken_at timestamp with time zone, amount decimal(12, 2), region varchar(2))",
                "create table app.returns as select * from app.orders",
                "create view app.recent as select * from app.orders where day > date '2026-01-01'",
                "create table staging.orders as select * from app.orders");
    }

    private static String computed(Connection connection) throws Exception {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL") ? "stored" : "";
    }

    private static void targets(Refusals refusals) {
        refusals.of("a target that is not there", published(orders("app.order", JANUARY)));
        refusals.of("a target that is a view", published(orders("app.recent", JANUARY)));
        refusals.of(
                "two spellings of one target",
                dag("margin")
                        .run(
                                published(orders("app.orders", JANUARY)),
                                published(named("again", "APP.ORDERS", JANUARY))));
        refusals.of(
                "nothing that has ended",
                published(orders("app.orders", days("day").from("2026-01-05").to("2026-01-09"))));
        refusals.of(
                "an exception of what is not there",
                published(orders("app.orders", JANUARY.except(days("day").only("2025-12-31", "2026-01-02")))));
        Backfill returns = published(
                named("returns", "app.returns", days("day").from("2026-01-02").to("2026-01-04")));
        refusals.of(
                "the same partition of one that lacks it",
                dag("margin")
                        .run(returns)
                        .task(published(orders("app.orders", JANUARY)))
                        .afterSamePartitionOf(returns));
    }

    private static void columns(Refusals refusals) {
        refusals.of(
                "a scope of a column that is not there",
                published(orders("app.orders", days("date").lastDays(3))));
        refusals.of(
                "days of a number",
                published(orders("app.orders", days("amount").lastDays(3))));
        refusals.of(
                "days of instants",
                published(orders("app.orders", days("taken_at").lastDays(3))));
        refusals.of(
                "days of a zone of a date",
                published(orders(
                        "app.orders",
                        days("day")
                                .in(ZoneId.of("Europe/Berlin"))
                                .from("2026-01-01")
                                .to("2026-01-04"))));
        refusals.of(
                "hours of a date",
                published(orders(
                        "app.orders", hours("day").from("2026-01-01T00:00").to("2026-01-01T05:00"))));
        refusals.of(
                "ids of a text",
                published(orders("app.orders", ids("region").from(1).to(9).step(4))));
        refusals.of(
                "a key that is not there",
                published(backfill("orders")
                        .owner("me")
                        .because("test")
                        .target(table("app.orders"))
                        .scope(JANUARY)
                        .shadow(scopeOfTarget())
                        .merge("select " + COLUMNS + FROM)
                        .keyedBy("order_id")));
        refusals.of("updating what the database computes", published(computed().updating("euros")));
        refusals.of(
                "comparing what is not there",
                published(orders("app.orders", JANUARY).comparing("version")));
        refusals.of(
                "stamping what is not there",
                published(orders("app.orders", JANUARY).stamping(updatedAt("changed_at"))));
        refusals.of(
                "stamping columns of other types",
                published(orders("app.orders", JANUARY).stamping(updatedAt("amount"), runId("taken_at"))));
        refusals.of(
                "adding what is there as a type that there is not",
                published(keyed(
                        "orders", "app.orders", JANUARY, scopeOfTarget().adding("amount", "no_such_type"), COLUMNS)));
        refusals.of(
                "adding what is there",
                published(keyed("orders", "app.orders", JANUARY, scopeOfTarget().adding("amount", "int"), COLUMNS)));
    }

    private static SettingsStep<Coverage.ScopeOnly> computed() {
        return keyed("orders", "app.computed", JANUARY, scopeOfTarget(), "id, day, 1 as cents");
    }

    private static void sources(Refusals refusals) {
        refusals.of("a query that lacks a column", published(bringing("id, day, taken_at, amount")));
        refusals.of("a query that brings one too many", published(bringing(COLUMNS + ", 'web' as channel")));
        refusals.of("a query that brings a column twice", published(bringing(COLUMNS + ", region")));
        refusals.of(
                "a query that brings another type", published(bringing("id, 'x' as day, taken_at, amount, region")));
        refusals.of(
                "a query that lacks what it dedupes by",
                published(bringing(COLUMNS).dedupe(keepLatestBy("loaded_at"))));
        refusals.of(
                "a query that lacks what breaks its ties",
                published(bringing(COLUMNS + ", 1 as loaded_at").dedupe(keepLatestBy("loaded_at", "number"))));
        refusals.of(
                "a query that brings what is stamped",
                published(bringing(COLUMNS).stamping(runId("region"))));
        refusals.of(
                "a query that brings what is not updated",
                published(bringing(COLUMNS).updateOnly().updating("amount")));
        refusals.of(
                "a query that the database does not accept", published(bringing("id, dya, taken_at, amount, region")));
    }

    private static void audits(Refusals refusals) {
        refusals.of("an audit of a column that is not there", audited(notNull("colour")));
        refusals.of("a reference to a table that is not there", audited(references("region", "app.regions", "code")));
        refusals.of("a reference to a column that is not there", audited(references("id", "app.parents", "code")));
        refusals.of("a condition that the database does not accept", audited(satisfies("amount is positive")));
        refusals.of("a sum of texts", audited(sum("region").between(0, 1)));
        refusals.of(
                "a figure that live lacks",
                published(
                        keyed(
                                "orders",
                                "app.orders",
                                JANUARY,
                                scopeOfTarget().adding("net", "int"),
                                COLUMNS + ", 1 as net"),
                        sum("net").within(percent(1))));
    }

    private static void several(Refusals refusals) {
        refusals.of(
                "several at once, of two backfills",
                dag("margin")
                        .run(
                                published(orders("app.orders", days("amount").lastDays(3))
                                        .updating("ammount", "region")
                                        .comparing("version")),
                                published(named("returns", "app.return", JANUARY))));
    }

    private static void busy(Refusals refusals) {
        Dag sound = dag("history").run(published(orders("app.orders", JANUARY)));
        Plan plan = refusals.planner.plan(sound);
        WorkOrder order =
                WorkOrders.of(plan, "20260105T120000-aaaaaa", 1, "alice").get(0);
        refusals.connector.ledger().prepare();
        refusals.connector.ledger().open(order);
        refusals.of("a target on which another run is active", sound);
    }

    private static Backfill audited(Audit audit) {
        return published(orders("app.orders", JANUARY), audit);
    }

    private static SettingsStep<Coverage.ScopeOnly> bringing(String columns) {
        return keyed("orders", "app.orders", JANUARY, scopeOfTarget(), columns);
    }

    static SettingsStep<Coverage.ScopeOnly> orders(String target, Scope scope) {
        return named("orders", target, scope);
    }

    private static SettingsStep<Coverage.ScopeOnly> named(String name, String target, Scope scope) {
        return keyed(name, target, scope, scopeOfTarget(), COLUMNS);
    }

    private static <C extends Coverage> SettingsStep<C> keyed(
            String name, String target, Scope scope, Shadow<C> shadow, String columns) {
        return backfill(name)
                .owner("me")
                .because("test")
                .target(table(target))
                .scope(scope)
                .shadow(shadow)
                .merge("select " + columns + FROM)
                .keyedBy("id");
    }

    /** Orders out of this table. */
    static SettingsStep<Coverage.ScopeOnly> from(String source) {
        return backfill("orders")
                .owner("me")
                .because("test")
                .target(table("app.orders"))
                .scope(JANUARY)
                .shadow(scopeOfTarget())
                .merge("select " + COLUMNS + " from " + source + " where day = :partition")
                .keyedBy("id");
    }

    /** A swap of the whole table. */
    static Dag swapped(String target) {
        return dag("history")
                .run(keyed("orders", target, JANUARY, copyOfTarget(), COLUMNS)
                        .audit(unique("id"))
                        .publish(swapTable().keepingArchiveFor(ofDays(30))));
    }

    static Backfill published(SettingsStep<?> settings) {
        return published(settings, unique("id"));
    }

    private static Backfill published(SettingsStep<?> settings, Audit audit) {
        return settings.audit(audit).publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    /** Plans what is wrong, and keeps what is said. */
    static final class Refusals {
        private final Connector connector;
        private final Planner planner;
        private final GoldenFile golden;

        Refusals(Connector connector, GoldenFile golden) {
            this.connector = connector;
            this.planner = new Planner(connector, CLOCK);
            this.golden = golden;
        }

        void of(String title, Backfill wrong) {
            of(title, dag("history").run(wrong));
        }

        void of(String title, Dag wrong) {
            of(title, wrong, planner);
        }

        /** On another connector, such as one of another user's. */
        void of(String title, Backfill wrong, Connector other) {
            of(title, dag("history").run(wrong), other);
        }

        /** On another connector, such as one of another user's. */
        void of(String title, Dag wrong, Connector other) {
            of(title, wrong, new Planner(other, CLOCK));
        }

        private void of(String title, Dag wrong, Planner gate) {
            RefusedException refused = catchThrowableOfType(RefusedException.class, () -> gate.plan(wrong));
            assertThat(refused).as(title).isNotNull();
            golden.add(
                    title,
                    String.valueOf(refused.getMessage())
                            .replaceAll("since \\d{4}-\\S+Z", "since 2026-01-05T12:00:00Z"));
        }
    }
}
