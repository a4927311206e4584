package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who may act, and what is done. */
abstract class LedgerContract extends Contract {
    LedgerContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void prepare_mayBeCalledAgain_andByManyAtOnce() throws Exception {
        together(4, () -> connector().ledger().prepare());
        connector().ledger().prepare();

        assertThat(connector().ledger().head(fixture().target().name())).isEmpty();
    }

    @Test
    void reads_findNothing_andARunThatNeverOpenedCanBeGivenUp_beforeTheLedgerIsPrepared() {
        WorkOrder order = order().build();
        Ledger ledger = connector().ledger();

        assertThat(ledger.head(order.target().name())).isEmpty();
        assertThat(entries("r1")).isEmpty();
        assertThat(ledger.archives(order.target().name())).isEmpty();
        assertThat(ledger.watermarks(order.target().name())).isEmpty();
        assertThat(ledger.latest(order.target().name())).isEmpty();
        ledger.takeOver(order.at(2));
        ledger.abandon(order.at(2));
        connector().shadows().clear(order.at(2));

        assertThat(ledger.head(order.target().name())).isEmpty();
    }

    @Test
    void open_takesTheHead_andClaimsEachPartition() {
        WorkOrder order = order().build();
        connector().ledger().prepare();

        connector().ledger().open(order);

        Head head = head(order);
        assertThat(head.run()).isEqualTo("r1");
        assertThat(head.epoch()).isEqualTo(1);
        assertThat(head.state()).isEqualTo(Head.State.BUILDING);
        assertThat(head.actor()).isEqualTo("tester");
        assertThat(entries("r1"))
                .extracting(Entry::partition, Entry::state, Entry::epoch, Entry::logic, Entry::rows)
                .containsExactly(claimed("2001-01-02"), claimed("2001-01-03"), claimed("2001-01-04"));
    }

    private static org.assertj.core.groups.Tuple claimed(String partition) {
        return org.assertj.core.api.Assertions.tuple(partition, Entry.State.CLAIMED, 1L, "logic-1", MergeCounts.NONE);
    }

    @Test
    void open_changesNothing_whenDoneAgain() {
        WorkOrder order = begun(order().build());
        merge(order, 0);
        List<Entry> before = entries("r1");

        connector().ledger().open(order);

        assertThat(entries("r1")).isEqualTo(before);
    }

    @Test
    void open_isRefused_whenAnotherRunIsActive() {
        begun(order().build());

        BackstitchException failure = failure(
                ErrorCode.ACTIVE_BACKFILL,
                () -> connector().ledger().open(order().run("r2").build()));

        assertThat(failure)
                .hasMessageContaining("r1")
                .hasMessageContaining("tester")
                .hasMessageContaining("since");
        assertThat(entries("r2")).isEmpty();
    }

    @Test
    void open_isGranted_onceTheOtherRunIsAbandoned() {
        WorkOrder first = begun(order().build());
        connector().ledger().abandon(first);
        WorkOrder second = order().run("r2").build();

        connector().ledger().open(second);

        assertThat(head(second).run()).isEqualTo("r2");
        failure(ErrorCode.FENCED, () -> connector().shadows().create(first, Interrupt.never()));
    }

    @Test
    void open_isGrantedToOne_whenManyAskAtOnce() throws Exception {
        connector().ledger().prepare();
        List<String> winners = new ArrayList<>();
        List<Callable<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            WorkOrder order = order().run("run" + i).build();
            calls.add(() -> {
                try {
                    connector().ledger().open(order);
                    synchronized (winners) {
                        winners.add(order.run());
                    }
                } catch (BackstitchException e) {
                    assertThat(e.code()).isIn(ErrorCode.ACTIVE_BACKFILL, ErrorCode.CONFLICT);
                }
                return null;
            });
        }
        together(calls);

        assertThat(winners).hasSize(1);
        assertThat(connector().ledger().head(fixture().target().name()).map(Head::run))
                .contains(winners.get(0));
        assertThat(entries(winners.get(0))).hasSize(3);
    }

    @Test
    void open_claimsThousandsOfPartitions() {
        WorkOrder order = order().days(1, 2_000).build();
        connector().ledger().prepare();

        connector().ledger().open(order);

        assertThat(entries("r1")).hasSize(2_000);
    }

    @Test
    void takeOver_raisesHeadAndEntries() {
        WorkOrder old = begun(order().build());
        merge(old, 0);

        connector().ledger().takeOver(old.at(2));

        assertThat(head(old).epoch()).isEqualTo(2);
        assertThat(entries("r1")).extracting(Entry::epoch).containsOnly(2L);
        assertThat(entries("r1"))
                .extracting(Entry::state)
                .containsExactly(Entry.State.MERGED, Entry.State.CLAIMED, Entry.State.CLAIMED);
    }

    @Test
    void takeOver_changesNothing_whenDoneAgainOrNeverOpened() {
        connector().ledger().prepare();
        WorkOrder order = order().build();
        connector().ledger().takeOver(order.at(5));
        assertThat(connector().ledger().head(order.target().name())).isEmpty();

        connector().ledger().open(order);
        connector().ledger().takeOver(order.at(2));
        connector().ledger().takeOver(order.at(2));

        assertThat(head(order).epoch()).isEqualTo(2);
        failure(ErrorCode.FENCED, () -> connector().ledger().takeOver(order));
    }

    @Test
    void merge_isFenced_afterATakeOver() {
        WorkOrder old = begun(order().build());
        connector().ledger().takeOver(old.at(2));

        failure(ErrorCode.FENCED, () -> merge(old, 0));

        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.CLAIMED);
        merge(old.at(2), 0);
    }

    @Test
    void takenOverRun_isFencedEverywhere() {
        WorkOrder old = audited(order().build());
        connector().ledger().takeOver(old.at(2));

        failure(ErrorCode.FENCED, () -> connector().ledger().open(old));
        failure(ErrorCode.FENCED, () -> connector().shadows().create(old, Interrupt.never()));
        failure(ErrorCode.FENCED, () -> merge(old, 0));
        failure(ErrorCode.FENCED, () -> connector().measures().measure(old, List.of(), Interrupt.never()));
        failure(ErrorCode.FENCED, () -> connector().ledger().audited(old));
        failure(ErrorCode.FENCED, () -> connector().publishes().publish(old, Interrupt.never()));
        failure(ErrorCode.FENCED, () -> connector().shadows().clear(old));
        connector().ledger().abandon(old);
        assertThat(head(old).state()).isEqualTo(Head.State.AUDITED);

        connector().publishes().publish(old.at(2), Interrupt.never());
        failure(ErrorCode.FENCED, () -> connector().publishes().rollback(old, 0, Interrupt.never()));
        assertThat(head(old).state()).isEqualTo(Head.State.PUBLISHED);
    }

    @Test
    void audited_isRefused_beforeEachPartitionIsMerged() {
        WorkOrder order = begun(order().build());
        merge(order, 0);
        connector().measures().measure(order, List.of(), Interrupt.never());

        failure(ErrorCode.LEDGER_INCOMPLETE, () -> connector().ledger().audited(order));

        assertThat(head(order).state()).isEqualTo(Head.State.BUILDING);
    }

    @Test
    void audited_mayBeSaidAgain_butNotBeforeANewMeasurement() {
        WorkOrder order = audited(order().build());
        connector().ledger().audited(order);
        assertThat(head(order).state()).isEqualTo(Head.State.AUDITED);

        connector().measures().measure(order, List.of(), Interrupt.never());

        assertThat(head(order).state()).isEqualTo(Head.State.BUILDING);
        failure(ErrorCode.FENCED, () -> connector().publishes().publish(order, Interrupt.never()));
    }

    @Test
    void anAuditsNote_isRevised_byManyAtOnce() throws Exception {
        WorkOrder order = merged(order().build());

        together(6, () -> {
            while (!tryToAddAPlus(order)) {
                Thread.onSpinWait();
            }
        });

        assertThat(connector().ledger().notes(order))
                .singleElement()
                .satisfies(note -> assertThat(note.observed()).isEqualTo("++++++"));
    }

    private boolean tryToAddAPlus(WorkOrder order) {
        try {
            connector()
                    .ledger()
                    .note(
                            order,
                            "odd",
                            before -> odd(before.map(AuditNote::observed).orElse("") + "+"));
            return true;
        } catch (BackstitchException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
            return false;
        }
    }

    private static AuditNote odd(String observed) {
        return new AuditNote("odd", "BLOCKING", "FAILED", "none", observed, "", Optional.empty());
    }

    @Test
    void anAuditsNote_isFenced_andKeepsWhatWasAccepted() {
        WorkOrder old = merged(order().build());
        connector().ledger().note(old, "odd", before -> odd("1"));
        assertThat(connector().ledger().accept(old, "odd", "ann", "it is even")).isTrue();
        connector().ledger().takeOver(old.at(2));

        failure(ErrorCode.FENCED, () -> connector().ledger().note(old, "odd", before -> odd("2")));
        connector().ledger().note(old.at(2), "odd", before -> odd("3"));

        assertThat(connector().ledger().notes(old)).singleElement().satisfies(note -> {
            assertThat(note.observed()).isEqualTo("3");
            assertThat(note.acceptance().orElseThrow().observed()).isEqualTo("1");
        });
    }

    @Test
    void abandon_leavesAPublishedHead() {
        WorkOrder order = published(order().build());

        connector().ledger().abandon(order);

        assertThat(head(order).state()).isEqualTo(Head.State.PUBLISHED);
    }

    @Test
    void watermarks_areTheLatestPublishOfEachPartition_andARollbackWithdrawsThem() {
        published(order().build());
        WorkOrder second = published(order().run("r2").days(4, 2).build());
        assertThat(connector().ledger().watermarks(second.target().name()))
                .extracting(Entry::partition, Entry::run)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("2001-01-02", "r1"),
                        org.assertj.core.api.Assertions.tuple("2001-01-03", "r1"),
                        org.assertj.core.api.Assertions.tuple("2001-01-04", "r2"),
                        org.assertj.core.api.Assertions.tuple("2001-01-05", "r2"));

        connector().publishes().rollback(second, 0, Interrupt.never());

        assertThat(connector().ledger().watermarks(second.target().name()))
                .extracting(Entry::partition, Entry::run)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("2001-01-02", "r1"),
                        org.assertj.core.api.Assertions.tuple("2001-01-03", "r1"),
                        org.assertj.core.api.Assertions.tuple("2001-01-04", "r1"));
    }

    @Test
    void latest_isTheLastRunOfEachPartition_howeverFarItCame() {
        published(order().days(1, 3).build());
        WorkOrder second = published(order().run("r2").days(2, 2).build());
        connector().publishes().rollback(second, 0, Interrupt.never());
        WorkOrder third = begun(order().run("r3").days(3, 2).build());
        merge(third, 0);

        assertThat(connector().ledger().latest(third.target().name()))
                .extracting(Entry::partition, Entry::run, Entry::state)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("2001-01-01", "r1", Entry.State.PUBLISHED),
                        org.assertj.core.api.Assertions.tuple("2001-01-02", "r2", Entry.State.ROLLED_BACK),
                        org.assertj.core.api.Assertions.tuple("2001-01-03", "r3", Entry.State.MERGED),
                        org.assertj.core.api.Assertions.tuple("2001-01-04", "r3", Entry.State.CLAIMED));
    }

    private Head head(WorkOrder order) {
        return connector().ledger().head(order.target().name()).orElseThrow();
    }

    private static void together(int times, Runnable call) throws Exception {
        List<Callable<Void>> calls = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            calls.add(() -> {
                call.run();
                return null;
            });
        }
        together(calls);
    }

    private static void together(List<Callable<Void>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            CyclicBarrier start = new CyclicBarrier(calls.size());
            List<Future<Void>> results = new ArrayList<>();
            for (Callable<Void> call : calls) {
                results.add(threads.submit(() -> {
                    start.await();
                    return call.call();
                }));
            }
            for (Future<Void> result : results) {
                result.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
