package dev.backstitch.assertj;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What planning reads of a ledger: nothing was published as yet, and a table may be busy. */
final class FakeLedger implements Ledger {
    private final FakeCatalog tables;

    FakeLedger(FakeCatalog tables) {
        this.tables = tables;
    }

    @Override
    public Optional<Head> head(ResolvedTable target) {
        return tables.table(new TableName(target.parts().toList()))
                .flatMap(FakeTable::activeRun)
                .map(run -> new Head(
                        run, 1, Head.State.BUILDING, "the test", tables.clock().instant()));
    }

    @Override
    public List<Entry> latest(ResolvedTable target) {
        return List.of();
    }

    @Override
    public Optional<Archive> archiveThatIs(TableInfo table) {
        return Optional.empty();
    }

    @Override
    public List<Entry> watermarks(ResolvedTable target) {
        return List.of();
    }

    @Override
    public void keep(KeptRun run) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public List<KeptRun> kept() {
        return List.of();
    }

    @Override
    public void prepare() {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void open(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void takeOver(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public List<Entry> entries(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public Optional<Entry> entry(WorkOrder order, Partition partition) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void audited(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void note(WorkOrder order, List<AuditNote> notes) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void note(WorkOrder order, String audit, Function<Optional<AuditNote>, AuditNote> revision) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public List<AuditNote> notes(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public boolean accept(WorkOrder order, String audit, String who, String why) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public void abandon(WorkOrder order) {
        throw FakeConnector.onlyPlans();
    }

    @Override
    public List<Archive> archives(ResolvedTable target) {
        throw FakeConnector.onlyPlans();
    }
}
