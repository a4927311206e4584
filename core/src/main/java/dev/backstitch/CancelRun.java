package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Patience;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Gives a run up whose epoch the caller holds. Ledger first, then the tables, then the state store: whoever finds the head
 * abandoned after a crash goes on from there.
 */
final class CancelRun {
    private final BackstitchConfig config;
    private final Connector connector;

    CancelRun(BackstitchConfig config) {
        this.config = config;
        this.connector = config.connector();
    }

    void run(List<WorkOrder> orders) {
        List<WorkOrder> published = published(orders);
        String run = orders.get(0).run();
        if (published.size() == orders.size()) {
            published.forEach(this::clear);
            end(orders, RunState.PUBLISHED, "");
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + run
                            + " was published before it could be cancelled. The target is the published one."
                            + " Use rollback(" + run + ") to take it back.");
        }
        giveUp(orders, published);
    }

    private void giveUp(List<WorkOrder> orders, List<WorkOrder> published) {
        orders.stream().filter(order -> !published.contains(order)).forEach(this::remove);
        published.forEach(this::clear);
        end(
                orders,
                RunState.CANCELLED,
                published.isEmpty()
                        ? ""
                        : "cancelled after " + targets(published) + " had been published; rollback("
                                + orders.get(0).run() + ") takes that back");
    }

    /** For a run that is cancelled: its scope task may have taken the target after the first cancel had looked. */
    void again(List<WorkOrder> orders) {
        List<WorkOrder> published = published(orders);
        for (WorkOrder order : orders) {
            if (!published.contains(order)) {
                connector.ledger().takeOver(order);
                remove(order);
            }
        }
    }

    /**
     * Finishes a cancel that a crash has interrupted, and refuses to go on with the run.
     *
     * @throws BackstitchException with {@code WRONG_STATE} when a target is given up
     */
    void finishIfBegun(List<WorkOrder> orders) {
        if (orders.stream().anyMatch(this::isGivenUp)) {
            finish(orders);
        }
    }

    /**
     * Finishes a cancel that a crash has interrupted or kept from beginning, and refuses to go on with the run.
     *
     * @throws BackstitchException with {@code WRONG_STATE}, always
     */
    void finish(List<WorkOrder> orders) {
        List<WorkOrder> published = published(orders);
        run(orders);
        throw new BackstitchException(
                ErrorCode.WRONG_STATE,
                "run " + orders.get(0).run() + " was being cancelled when its process ended; it is cancelled now. "
                        + (published.isEmpty()
                                ? "The target is untouched. "
                                : "What it had published by then stays: " + targets(published) + ". ")
                        + "Start the dag again.");
    }

    private List<WorkOrder> published(List<WorkOrder> orders) {
        return orders.stream()
                .filter(order -> connector.ledger().archive(order).isPresent())
                .toList();
    }

    private static String targets(List<WorkOrder> orders) {
        return orders.stream().map(order -> order.live().toString()).collect(Collectors.joining(", "));
    }

    private void remove(WorkOrder order) {
        Patience.with(() -> {
            connector.ledger().abandon(order);
            connector.shadows().clear(order);
            return true;
        });
    }

    /** Its publish stands; what the run had made for it may not be gone yet. */
    private void clear(WorkOrder order) {
        Patience.with(() -> {
            connector.shadows().clear(order);
            return true;
        });
    }

    private void end(List<WorkOrder> orders, RunState outcome, String why) {
        config.state()
                .transition(
                        orders.get(0).run(),
                        orders.get(0).epoch(),
                        Set.of(RunState.RUNNING, RunState.PAUSING, RunState.FAILING, RunState.CANCELLING),
                        outcome,
                        why,
                        config.clock().instant());
    }

    /** The head says so, or another run has it: none gets it before its holder has published or given up. */
    private boolean isGivenUp(WorkOrder order) {
        Optional<Head> head = connector.ledger().head(order.live());
        boolean abandoned = head.filter(
                        found -> found.run().equals(order.run()) && found.state() == Head.State.ABANDONED)
                .isPresent();
        boolean another = head.filter(found -> !found.run().equals(order.run())).isPresent();
        return abandoned
                || (another
                        && !connector.ledger().entries(order).isEmpty()
                        && connector.ledger().archive(order).isEmpty());
    }
}
