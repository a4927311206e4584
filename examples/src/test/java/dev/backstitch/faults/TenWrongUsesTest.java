package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.faults.Call.Store;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.plan.Plan;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Ten wrong uses, on a target that was published before. Each is refused with a message that says what to do, and leaves
 * the catalogue, the target, and the ledger of what is published as they were.
 */
@Tag(Look.TAG)
class TenWrongUsesTest {
    private static final String DAY = " from staging.orders where day >= :partition_start and day < :partition_end";

    @TempDir
    static Path directory;

    private static Laboratory laboratory;

    @BeforeAll
    static void prepare() {
        laboratory = new Laboratory(directory);
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void nullKeys(Product product) throws Exception {
        refused(
                product,
                "null keys",
                "BF-301",
                Orders.dag(
                        Publishing.REPLACE,
                        "select case when id % 1000 = 7 then null else id end as id, day, amount, 'x' as label, loaded_at"
                                + DAY));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void duplicateKeys(Product product) throws Exception {
        Dag dag = Orders.dag(Publishing.SWAP);
        Merge merge = dag.backfills().get(0).merge();
        refused(
                product,
                "duplicate keys",
                "BF-302",
                with(
                        dag,
                        new Merge(
                                merge.sql(),
                                merge.key(),
                                Optional.empty(),
                                merge.deletingMissing(),
                                merge.empty(),
                                merge.write(),
                                merge.stamping())));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aMissingColumn(Product product) throws Exception {
        refused(
                product,
                "a missing column",
                "BF-204",
                Orders.dag(Publishing.REPLACE, "select id, day, amount, loaded_at" + DAY));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void anotherPartitionType(Product product) throws Exception {
        Dag dag = Orders.dag(Publishing.REPLACE);
        refused(
                product,
                "another partition type",
                "BF-203",
                with(dag, Scope.days("amount", LocalDate.parse("2026-03-03"), LocalDate.parse("2026-03-07"))));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aQueryWithoutThePartition(Product product) throws Exception {
        refused(
                product,
                "a query that doesn't bind the partition",
                "BF-103",
                Orders.dag(Publishing.REPLACE, "select id, day, amount, 'x' as label, loaded_at from staging.orders"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void rowsOutsideThePartition(Product product) throws Exception {
        refused(
                product,
                "rows outside the partition, by a time-zone slip",
                "BF-303",
                Orders.dag(
                        Publishing.REPLACE,
                        "select id, cast(cast(day as timestamp) - interval '1 hour' as date) as day, amount, 'x' as label,"
                                + " loaded_at" + DAY));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aMissingTarget(Product product) throws Exception {
        refused(
                product,
                "a missing target",
                "BF-201",
                with(Orders.dag(Publishing.REPLACE), new TableName(List.of("app", "order"))));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aForeignTableUnderTheShadowsName(Product product) throws Exception {
        Site site = laboratory.published(product, Publishing.REPLACE);
        Tap tap = new Tap();
        String foreign;
        try (Rig rig = site.open(tap)) {
            tap.with(Policy.none()
                    .before(
                            call -> call.store() == Store.TARGET && call.phase() == Phase.SHADOW,
                            () -> run(rig, "create table " + shadow(rig) + " as select 'not ours' as owner")));
            refused(
                    rig,
                    product,
                    "a foreign table under the shadow's name",
                    "BF-207",
                    Orders.dag(Publishing.REPLACE),
                    List.of(".*_shadow"));
            foreign = shadow(rig).toString();
        }
        try (Site.Source source = site.target();
                Connection connection = source.source().getConnection()) {
            assertThat(Sql.column(connection, "select owner from " + foreign)).containsExactly("not ours");
        }
        laboratory.drop(site);
    }

    private static ResolvedTable shadow(Rig rig) {
        ResolvedTable shadow =
                rig.engine().ordersOf(rig.engine().runs().get(0).id()).get(0).shadow();
        return new ResolvedTable("", shadow.schema(), shadow.table());
    }

    private static void run(Rig rig, String sql) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            Sql.run(connection, sql);
        }
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aFailingAudit(Product product) throws Exception {
        refused(
                product,
                "a failing audit",
                "BF-320",
                with(
                        Orders.dag(Publishing.SWAP),
                        List.of(new Audit.FindsNothing(
                                "cheap orders", "select * from :shadow where amount < 5", Severity.BLOCKING))));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aResumeWithAnEditedDag(Product product) throws Exception {
        Site site = laboratory.published(product, Publishing.REPLACE);
        Dag failing = with(
                Orders.dag(Publishing.REPLACE),
                List.of(new Audit.FindsNothing(
                        "cheap orders", "select * from :shadow where amount < 5", Severity.BLOCKING)));
        String run;
        try (Rig rig = site.open(new Tap())) {
            RunResult result = rig.engine()
                    .register(failing)
                    .start(rig.engine().plan(failing))
                    .await();
            assertThat(result.failure()).contains("BF-320");
            run = result.run();
        }
        try (Rig rig = site.open(new Tap())) {
            List<String> before = everything(rig, product);
            rig.engine().register(Orders.dag(Publishing.REPLACE));
            String message = message(() -> rig.engine().resume(run).await());
            assertThat(message).startsWith("BF-505");
            assertThat(everything(rig, product)).isEqualTo(before);
            System.out.println("wrong use: " + product + ", resume with an edited dag\n  " + message);
        }
        laboratory.drop(site);
    }

    @Test
    void aFullDisk() throws Exception {
        Site roomy = laboratory.published(Product.DUCKDB, Publishing.REPLACE);
        Path small = Files.createDirectory(directory.resolve("small_disk"));
        if (!succeeds("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small.toString())) {
            System.out.println("wrong use: a full disk: no tmpfs can be mounted here; a file size limit is used");
            limited(roomy);
            return;
        }
        System.out.println("wrong use: a full disk: on a tmpfs of 16 MB");
        try {
            Path file = Files.copy(roomy.home().resolve(Site.WAREHOUSE), small.resolve(Site.WAREHOUSE));
            Path filler = small.resolve("filler");
            Site site = new Site(Product.DUCKDB, "jdbc:duckdb:" + file, roomy.state());
            Dag dag = Orders.dag(Publishing.SWAP);
            List<String> before;
            try (Rig rig = site.open(new Tap())) {
                before = rows(rig);
                // A plan that is made on a full disk is refused by its checklist.
                Plan plan = rig.engine().register(dag).plan(dag);
                fill(filler, Files.getFileStore(small).getUsableSpace() - 8 * 1024);
                RunResult result = rig.engine().start(plan).await();
                assertThat(result.state()).isEqualTo(RunState.FAILED);
                assertThat(result.failure()).contains("BF-316");
                System.out.println("  " + result.failure());
            }
            Files.delete(filler);
            try (Rig rig = site.open(new Tap())) {
                assertThat(rows(rig)).isEqualTo(before);
                String run = rig.engine().register(dag).runs().get(0).id();
                assertThat(rig.engine().resume(run).await().state()).isEqualTo(RunState.PUBLISHED);
            }
        } finally {
            assertThat(succeeds("umount", small.toString())).isTrue();
        }
        laboratory.drop(roomy);
    }

    private static void fill(Path filler, long bytes) throws IOException {
        Files.write(filler, new byte[Math.toIntExact(bytes)]);
    }

    private static void limited(Site site) throws Exception {
        long kilobytes = Files.size(site.home().resolve(Site.WAREHOUSE)) / 1024 + 8;
        Child.Order order = new Child.Order(site, Publishing.SWAP, Child.Action.PUBLISH, 0, Halt.Moment.BEFORE_SEND);
        ChildJvm.Ended ended = ChildJvm.startLimited(site.home(), kilobytes, Child.class, order.arguments())
                .await(Duration.ofSeconds(60));
        assertThat(String.join("\n", ended.lines())).contains("BF-316");
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private static void refused(Product product, String use, String code, Dag dag) throws Exception {
        Site site = laboratory.published(product, Publishing.REPLACE);
        try (Rig rig = site.open(new Tap())) {
            refused(rig, product, use, code, dag, List.of());
        }
        laboratory.drop(site);
    }

    /** @param expected what the catalogue may hold more than before, as patterns */
    private static void refused(Rig rig, Product product, String use, String code, Dag dag, List<String> expected)
            throws SQLException {
        List<String> before = everything(rig, product);
        int runs = rig.engine().runs().size();
        String message = message(() -> {
            RunResult result =
                    rig.engine().register(dag).start(rig.engine().plan(dag)).await();
            throw new IllegalStateException(result.failure());
        });
        assertThat(message).startsWith(code);
        System.out.println("wrong use: " + product + ", " + use + "\n  " + message);
        if (rig.engine().runs().size() > runs) {
            rig.engine().cancel(rig.engine().runs().get(0).id());
        } else {
            assertThat(head(rig)).as("nobody took the head").doesNotContain("ABANDONED");
        }
        List<String> after = everything(rig, product);
        after.removeIf(line -> !before.contains(line) && expected.stream().anyMatch(line::matches));
        assertThat(after).isEqualTo(before);
    }

    private static String message(Runnable wrong) {
        try {
            wrong.run();
            throw new AssertionError("it was not refused");
        } catch (BackstitchException | IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Dag with(Dag dag, Object other) {
        Backfill was = dag.backfills().get(0);
        return new Dag(
                dag.name(),
                new Backfill(
                        was.name(),
                        was.owner(),
                        was.reason(),
                        other instanceof TableName target ? target : was.target(),
                        other instanceof Scope scope ? scope : was.scope(),
                        was.shadow(),
                        other instanceof Merge merge ? merge : was.merge(),
                        was.limits(),
                        other instanceof List<?> audits
                                ? audits.stream().map(Audit.class::cast).toList()
                                : was.audits(),
                        was.publish()));
    }

    private static List<String> rows(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Sql.column(connection, Orders.ROWS);
        }
    }

    private static String head(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Sql.one(connection, "select state from backstitch.bf_head");
        }
    }

    /** The target, the catalogue, and the ledger of what is published. */
    private static List<String> everything(Rig rig, Product product) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            List<String> all = new ArrayList<>(Sql.column(connection, Orders.ROWS));
            all.addAll(Sql.column(connection, product.structure()));
            all.addAll(Sql.column(
                    connection,
                    "select cast(l as varchar) from backstitch.bf_ledger l where state not in ('CLAIMED', 'MERGED')"
                            + " order by 1"));
            all.addAll(Sql.column(connection, "select cast(a as varchar) from backstitch.bf_archive a order by 1"));
            Sql.column(connection, product.leftovers()).stream()
                    .filter(name -> !name.startsWith("session"))
                    .sorted()
                    .forEach(all::add);
            return all;
        }
    }
}
