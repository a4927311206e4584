package dev.backstitch.run;

import dev.backstitch.audit.ApprovalNote;
import dev.backstitch.audit.Auditor;
import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Task;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish.Approval;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.SizesCompute;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Claim;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs one attempt of one task instance. Each task of a backfill may be run any number of times and may die anywhere: what
 * it did is in the ledger, in the same transaction as the data, and a later attempt asks there first.
 */
final class TaskRunner {
    private final Connector connector;
    private final Consumer<RunEvent> events;
    private final SingleTasks singles;
    private final Approvals approvals;
    private final PartitionAudits partitionAudits;
    private final Holding holding;
    private final Watching watching;
    private final Clock clock;

    TaskRunner(Connector connector, Consumer<RunEvent> events, Holding holding, Watching watching, Clock clock) {
        this.connector = connector;
        this.events = events;
        this.singles = new SingleTasks(connector);
        this.approvals = new Approvals(connector.ledger());
        this.partitionAudits = new PartitionAudits(connector);
        this.holding = holding;
        this.watching = watching;
        this.clock = clock;
    }

    void run(ActiveRun active, Claim claim, Interrupt interrupt) {
        Task task = active.task(claim.key().task());
        if (!active.isHelping()) {
            active.holdOnce(() -> holding.require(active));
        }
        switch (task.kind()) {
            case SCOPE -> openLedger(active, active.order(task));
            case SHADOW -> connector.shadows().create(active.order(task), interrupt);
            case MERGE -> merge(active, task, claim, interrupt);
            case AUDIT -> audit(active, active.order(task), interrupt);
            case PUBLISH -> publish(active, task, interrupt);
            case SQL -> singles.sql(active, task, interrupt);
            case CALL -> singles.call(active, task, claim, interrupt);
        }
    }

    private void openLedger(ActiveRun active, WorkOrder order) {
        connector.ledger().prepare();
        connector.ledger().keep(active.kept());
        if (order.epoch() > 1) {
            // A predecessor may have opened it after the take-over looked.
            connector.ledger().takeOver(order);
        }
        connector.ledger().open(order);
    }

    private void merge(ActiveRun active, Task task, Claim claim, Interrupt interrupt) {
        WorkOrder order = active.order(task);
        Partition partition = active.partition(task, claim.partition());
        Optional<MergeCounts> before =
                claim.attempt() > 1 || order.epoch() > 1 ? merged(order, partition) : Optional.empty();
        MergeCounts counts = before.orElseGet(() -> mergeOrAsk(active, order, partition, interrupt));
        events.accept(new RunEvent.PartitionMerged(order.run(), order.backfill(), partition.id(), counts));
        partitionAudits.require(order, partition, counts, active.audits(order), interrupt);
    }

    /** A merge whose outcome is unknown, or whose entry isn't open any more, may have been done: the ledger knows. */
    private MergeCounts mergeOrAsk(ActiveRun active, WorkOrder order, Partition partition, Interrupt interrupt) {
        try {
            Optional<Compute> compute = active.plan()
                    .dag()
                    .backfill(order.backfill())
                    .compute()
                    .filter(size -> size.appliesAt(clock.instant()));
            return compute.isPresent() && connector instanceof SizesCompute sized
                    ? sized.merge(order, partition, compute.get(), interrupt)
                    : connector.merges().merge(order, partition, interrupt);
        } catch (BackstitchException e) {
            if (isLedgersToTell(e)) {
                return merged(order, partition).orElseThrow(() -> e);
            }
            throw e;
        }
    }

    private Optional<MergeCounts> merged(WorkOrder order, Partition partition) {
        return connector
                .ledger()
                .entry(order, partition)
                .filter(entry -> entry.state() != Entry.State.CLAIMED)
                .map(Entry::rows);
    }

    private void audit(ActiveRun active, WorkOrder order, Interrupt interrupt) {
        if (isAudited(order)) {
            return;
        }
        Auditor auditor = new Auditor(order, active.audits(order));
        Evidence evidence = connector.measures().measure(order, auditor.measures(), interrupt);
        List<Verdict> verdicts = VerdictNotes.withAcceptances(
                auditor.judge(evidence, connector.ledger().entries(order)),
                connector.ledger().notes(order));
        // The shadow is sealed: what is found now is what was measured.
        Stream<AuditNote> notes = verdicts.stream()
                .map(verdict -> VerdictNotes.of(
                        verdict, Objections.offenders(connector.measures(), order, verdict, interrupt)));
        List<Verdict> blocking = verdicts.stream().filter(Verdict::blocks).toList();
        // What may not be published can't be approved either.
        Stream<AuditNote> approval = order.publish().approval() == Approval.NEEDED && blocking.isEmpty()
                ? Stream.of(ApprovalNote.waiting(evidence, verdicts))
                : Stream.empty();
        connector.ledger().note(order, Stream.concat(notes, approval).toList());
        events.accept(new RunEvent.Audited(order.run(), order.backfill(), verdicts));
        if (!blocking.isEmpty()) {
            throw Objections.failed(order.shadow().toString(), order, blocking);
        }
        connector.ledger().audited(order);
    }

    private void publish(ActiveRun active, Task task, Interrupt interrupt) {
        List<WorkOrder> orders = task.members().stream().map(active::order).toList();
        if (!arePublished(orders)) {
            approvals.require(orders);
            holding.require(active);
            publishOrAsk(orders, interrupt);
        }
        for (WorkOrder order : orders) {
            if (active.isFirstWordOfPublish(order.backfill())) {
                connector
                        .ledger()
                        .archive(order)
                        .ifPresent(made -> events.accept(new RunEvent.Published(order.run(), order.backfill(), made)));
            }
        }
        orders.forEach(order -> watching.begin(active, order));
        orders.forEach(this::clear);
    }

    private void publishOrAsk(List<WorkOrder> orders, Interrupt interrupt) {
        try {
            connector.publishes().publish(orders, interrupt);
        } catch (BackstitchException e) {
            if (!isLedgersToTell(e) || !arePublished(orders)) {
                throw e;
            }
        }
    }

    /** They become so in one transaction. */
    private boolean arePublished(List<WorkOrder> orders) {
        return orders.stream()
                .allMatch(order -> connector.ledger().archive(order).isPresent());
    }

    /** A failure from here on must not read like one of the publish. */
    private void clear(WorkOrder order) {
        try {
            connector.shadows().clear(order);
        } catch (BackstitchException e) {
            if (e.code().remedy() != ErrorCode.Remedy.RETRY && e.code().remedy() != ErrorCode.Remedy.REFUSE) {
                throw e;
            }
            throw new BackstitchException(
                    ErrorCode.NOT_CLEARED,
                    "run " + order.run() + " is published, and "
                            + order.live()
                            + " is what it made of it, but what the run had made for itself could not be removed: "
                            + e.getMessage() + " Resume the run to try that again.",
                    e);
        }
    }

    private static boolean isLedgersToTell(BackstitchException e) {
        return e.code() == ErrorCode.FENCED || e.code().remedy() == ErrorCode.Remedy.ASK_LEDGER;
    }

    private boolean isAudited(WorkOrder order) {
        return connector
                .ledger()
                .head(order.live())
                .filter(head -> head.run().equals(order.run()) && head.state() == Head.State.AUDITED)
                .isPresent();
    }
}
