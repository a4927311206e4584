package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Merge.AtMost;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Merge.Emptiness;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole script that is sent for a run, statement by statement, without a database: the answers are from a tape. The tapes
 * under {@code src/test/tapes} are the scripts to read beside Snowflake's documentation; they are recorded anew by
 * {@code -Pemulator -Dtape=renew}.
 */
class ScriptTest {
    private static final Path TAPES = Path.of("src/test/tapes");

    /** What is run. */
    enum Script {
        /** A run from its beginning to its rollback, with everything that a merge may do. */
        REPLACE_AND_ROLL_BACK {
            @Override
            void play(Connector connector) {
                WorkOrder order = merged(connector, order(connector, List.of()));
                publish(connector, order);
                RolledBack rolledBack = connector.publishes().rollback(order, 0, Interrupt.never());
                assertThat(rolledBack.rowsRestored()).isEqualTo(4);
                connector.shadows().clear(order);
            }
        },
        /** A column is added for the publish, and stays after the rollback. */
        ADD_A_COLUMN {
            @Override
            void play(Connector connector) {
                WorkOrder order = merged(connector, order(connector, List.of(new AddedColumn("CLASS", "varchar(8)"))));
                publish(connector, order);
                connector.publishes().rollback(order, 0, Interrupt.never());
            }
        },
        /** Whoever was taken over finds its merge fenced, and the successor merges. */
        TAKE_OVER {
            @Override
            void play(Connector connector) {
                WorkOrder order = begun(connector, order(connector, List.of()));
                connector.ledger().takeOver(order.at(2));
                BackstitchException fenced = null;
                try {
                    merge(connector, order, 0);
                } catch (BackstitchException e) {
                    fenced = e;
                }
                assertThat(fenced).isNotNull();
                assertThat(fenced.code()).isEqualTo(ErrorCode.FENCED);
                merge(connector, order.at(2), 0);
            }
        };

        abstract void play(Connector connector);

        Path tape() {
            return TAPES.resolve(name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".json");
        }

        private static WorkOrder order(Connector connector, List<AddedColumn> added) {
            TableInfo target =
                    connector.catalog().table(TableName.parse("app.orders")).orElseThrow();
            List<Partition> days = Stream.of(2, 3)
                    .map(day -> LocalDate.of(2026, 3, day))
                    .map(day -> new Partition(day.toString(), new Slice.Days("DAY", day, day.plusDays(1))))
                    .toList();
            String more = added.isEmpty() ? "" : ", 'large' as class";
            return new WorkOrder(
                    "20260303-1200",
                    1,
                    "orders",
                    "orders_net",
                    "ann",
                    "logic-1",
                    target,
                    target.name().sibling("bf_20260303_shadow"),
                    target.name().sibling("bf_20260303_archive"),
                    target.columns().stream()
                            .filter(column -> column.name().equals("DAY"))
                            .toList(),
                    days,
                    new Shadow<Coverage>(Seed.SCOPE_OF_TARGET, added),
                    new Merge(
                            "select id, day, amount, note" + more + ", loaded_at from app.corrected"
                                    + " where day >= :partition_start and day < :partition_end",
                            List.of("ID"),
                            Optional.of(new Dedupe.KeepLatestBy("loaded_at")),
                            Optional.of(new AtMost(BigDecimal.valueOf(60))),
                            Emptiness.REFUSED,
                            Write.EVERYTHING,
                            Optional.empty()),
                    new Publish.ReplacePartitions(Duration.ofDays(30)));
        }

        private static WorkOrder begun(Connector connector, WorkOrder order) {
            connector.ledger().prepare();
            connector.ledger().open(order);
            connector.shadows().create(order, Interrupt.never());
            return order;
        }

        private static MergeCounts merge(Connector connector, WorkOrder order, int partition) {
            return connector.merges().merge(order, order.scope().get(partition), Interrupt.never());
        }

        private static WorkOrder merged(Connector connector, WorkOrder order) {
            begun(connector, order);
            MergeCounts first = merge(connector, order, 0);
            assertThat(first.staged()).isEqualTo(3);
            assertThat(first.deduped()).isEqualTo(1);
            assertThat(first.inserted()).isEqualTo(1);
            assertThat(first.updated()).isEqualTo(1);
            assertThat(first.deleted()).isEqualTo(1);
            merge(connector, order, 1);
            return order;
        }

        private static void publish(Connector connector, WorkOrder order) {
            connector
                    .measures()
                    .measure(
                            order,
                            List.of(
                                    new Measure.DuplicateGroups(List.of("ID")),
                                    new Measure.RowsWithNull(List.of("DAY"))),
                            Interrupt.never());
            connector.ledger().audited(order);
            connector.publishes().publish(order, Interrupt.never());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aScript_isSentAsItWasRecorded(Script script) throws Exception {
        Tape tape = Tape.of(script.tape());

        script.play(Snowflake.on(tape.connections()).open());

        assertThat(tape.isAtItsEnd()).as("all of the tape was played").isTrue();
    }

    /** Whatever Snowflake does not have may run on the emulator, whose database has it. */
    @ParameterizedTest
    @EnumSource
    void aScript_saysNothingThatSnowflakeDoesNotUnderstand(Script script) throws Exception {
        assertThat(Tape.of(script.tape()).steps())
                .extracting(Tape.Step::sql)
                .allSatisfy(sql -> assertThat(sql)
                        .doesNotContainIgnoringCase("filter (where")
                        .doesNotContainIgnoringCase("not matched by source")
                        .doesNotContainIgnoringCase("with no data")
                        .doesNotContain("::")
                        .doesNotContainIgnoringCase(" rowid"));
    }

    /** Between the first statement that writes and the commit there is no DDL, which would commit by itself. */
    @ParameterizedTest
    @EnumSource
    void noDdl_isSentBetweenAWriteAndItsCommit(Script script) throws Exception {
        boolean written = false;
        for (Tape.Step step : Tape.of(script.tape()).steps()) {
            String sql = step.sql();
            if (sql.equals("commit") || sql.equals("rollback")) {
                written = false;
            } else if (sql.matches("(?is)(create|drop|alter table|comment).*")) {
                assertThat(written).as("written before %s", sql).isFalse();
            } else if (sql.matches("(?is)(insert|update|delete|merge).*")) {
                written = true;
            }
        }
    }

    @Tag("emulator")
    @ParameterizedTest
    @EnumSource
    void aScript_isRecordedAnew(Script script) throws Exception {
        assumeTrue("renew".equals(System.getProperty("tape")), "-Dtape=renew records the tapes anew");
        String database = "TAPE_" + script.name();
        try (EmulatedWarehouse warehouse = new EmulatedWarehouse(database);
                Connection connection = warehouse.connections().getConnection();
                Statement sql = connection.createStatement()) {
            sql.execute("create schema app");
            sql.execute(
                    "create table app.orders (id bigint not null, day date not null, amount number(10, 2), note varchar(20))");
            sql.execute(
                    "create table app.corrected (id bigint, day date, amount number(10, 2), note varchar(20), loaded_at"
                            + " timestamp)");
            sql.execute("insert into app.orders values (11, '2026-03-01', 1.00, 'a'), (21, '2026-03-02', 2.00, 'b'),"
                    + " (22, '2026-03-02', 2.50, null), (31, '2026-03-03', 3.00, 'c'), (32, '2026-03-03', 3.50, 'd')");
            sql.execute(
                    "insert into app.corrected values (21, '2026-03-02', 2.10, 'b', '2026-03-04 00:00:00'),"
                            + " (21, '2026-03-02', 9.99, 'b', '2026-03-03 00:00:00'), (29, '2026-03-02', 0.50, 'new', '2026-03-04 00:00:00'),"
                            + " (31, '2026-03-03', 3.00, 'c', '2026-03-04 00:00:00'), (32, '2026-03-03', 3.60, 'd', '2026-03-04 00:00:00')");
            Tape tape = Tape.recording(warehouse.connections());
            script.play(Snowflake.on(tape.connections()).open());
            tape.write(script.tape());
        }
    }
}
