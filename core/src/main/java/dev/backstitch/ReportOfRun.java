package dev.backstitch;

import dev.backstitch.plan.Plan;
import dev.backstitch.report.RunReport;
import dev.backstitch.report.RunReport.OfBackfill;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import java.util.List;

/** Gathers what state store and ledger know of a run. It only reads. */
final class ReportOfRun {
    private final BackstitchConfig config;

    ReportOfRun(BackstitchConfig config) {
        this.config = config;
    }

    RunReport of(RunRecord run, Plan plan, List<WorkOrder> orders) {
        return new RunReport(
                run,
                plan,
                config.state().instances(run.id()),
                orders.stream().map(this::backfill).toList(),
                config.clock().instant());
    }

    private OfBackfill backfill(WorkOrder order) {
        Ledger ledger = config.connector().ledger();
        return new OfBackfill(
                order.backfill(),
                ledger.entries(order),
                ledger.notes(order),
                ledger.archives(order.live()).stream()
                        .filter(archive -> archive.run().equals(order.run()))
                        .findFirst(),
                config.state().watches().stream()
                        .filter(watch -> watch.run().equals(order.run())
                                && watch.backfill().equals(order.backfill()))
                        .findFirst());
    }
}
