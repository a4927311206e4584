package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.Database.Frame;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Shadows;
import dev.backstitch.spi.WorkOrder;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.Name;
import org.jooq.impl.DSL;

/** Shadows, each made in one transaction. Thread-safe. */
final class JdbcShadows implements Shadows {
    private static final Set<Head.State> ACTIVE = EnumSet.of(Head.State.BUILDING, Head.State.AUDITED);

    private final Database database;
    private final TableOperations tables;
    private final Drift drift;
    private final Seals seals;
    private final LedgerTables ledger;
    private final Heads heads;
    private final Entries entries;
    private final Archives archives;
    private final Reseed reseed;
    private final AuditNotes audits;

    JdbcShadows(Database database, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.database = database;
        this.tables = tables;
        this.drift = drift;
        this.seals = seals;
        this.ledger = ledger;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.archives = new Archives(ledger);
        this.reseed = new Reseed(database.dialect(), ledger);
        this.audits = new AuditNotes(ledger);
    }

    @Override
    public void create(WorkOrder order, Interrupt interrupt) {
        String what = "creation of the shadow of " + order.target().name() + " (run " + order.run() + ")";
        List<Work<Boolean>> before = drift.beforeSeed(order);
        if (!before.isEmpty() && !isMade(order, what)) {
            database.writeEach(what, order, interrupt, before, session -> {
                Targets.requirePlanned(session, tables, order);
                return heads.require(session, order, ACTIVE);
            });
        }
        database.write(what, order, interrupt, new Frame(session -> makeBefore(session, order), s -> true), session -> {
            long version = heads.version(session, order);
            HeadRow head = heads.require(session, order, ACTIVE);
            boolean ours = isOurs(session, order);
            if (head.shadow().isPresent()) {
                requireComplete(session, order, head, ours);
                return false;
            }
            requireNothingMerged(session, order);
            Targets.requirePlanned(session, tables, order);
            make(session, order, ours);
            seed(session, order);
            tables.seeded(session, order);
            String baseline = drift.baseline(session, order);
            heads.step(
                    session,
                    order,
                    EnumSet.of(Head.State.BUILDING),
                    Head.State.BUILDING,
                    Map.of(LedgerTables.SHADOW, identity(session, order), LedgerTables.BASELINE, baseline));
            heads.requireUnwritten(session, order, version);
            return true;
        });
    }

    private boolean isOurs(Session session, WorkOrder order) {
        return OwnTables.isOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run()));
    }

    /** Where DDL commits: whoever else of this run makes it at the same time makes the same, and one of them fills it. */
    private boolean makeBefore(Session session, WorkOrder order) {
        HeadRow head = heads.require(session, order, ACTIVE);
        if (head.shadow().isEmpty() && !isOurs(session, order)) {
            OwnTables.requireFree(session, tables, order.shadow());
            Targets.requirePlanned(session, tables, order);
            tables.createShadow(session, order);
        }
        return true;
    }

    private void make(Session session, WorkOrder order, boolean ours) {
        if (database.dialect().ddl() == Dialect.Ddl.COMMITS) {
            session.update(DSL.query("delete from {0}", LedgerTables.table(order.shadow())));
            return;
        }
        if (ours) {
            OwnTables.dropIfOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run()));
        }
        OwnTables.requireFree(session, tables, order.shadow());
        tables.createShadow(session, order);
        tables.setComment(session, order.shadow(), Marker.SHADOW.of(order.run()));
    }

    private boolean isMade(WorkOrder order, String what) {
        return database.read(
                what,
                Interrupt.never(),
                session -> heads.require(session, order, ACTIVE).shadow().isPresent());
    }

    /** A shadow that the head knows may hold merged partitions, so that it is never made a second time. */
    private void requireComplete(Session session, WorkOrder order, HeadRow head, boolean ours) {
        if (!ours || !head.shadow().equals(Optional.of(identity(session, order)))) {
            throw new BackstitchException(
                    ErrorCode.SHADOW_CHANGED,
                    session.what() + " failed: expected the complete shadow " + order.shadow()
                            + " that the ledger knows, found that it is gone or another table. The target is unchanged."
                            + " What was merged is lost with it: cancel the run and start the backfill again.");
        }
    }

    private void requireNothingMerged(Session session, WorkOrder order) {
        if (entries.of(session, order).stream().anyMatch(entry -> entry.state() != Entry.State.CLAIMED)) {
            throw new BackstitchException(
                    ErrorCode.SHADOW_CHANGED,
                    session.what() + " failed: expected that no partition is merged before the shadow exists, found"
                            + " merged ones whose shadow was removed. The target is unchanged. Cancel the run and start"
                            + " the backfill again.");
        }
    }

    private String identity(Session session, WorkOrder order) {
        return tables.find(session, order.shadow())
                .orElseThrow(() -> new IllegalStateException(order.shadow() + " was just made"))
                .identity();
    }

    private void seed(Session session, WorkOrder order) {
        if (order.seed().seed() == Seed.EMPTY) {
            return;
        }
        List<Name> columns = order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(Column::name)
                .map(DSL::name)
                .toList();
        Condition rows = order.seed().seed() == Seed.WHOLE_TARGET
                ? DSL.noCondition()
                : new Slices(database.dialect(), order.partitionColumns()).rowsOf(Slices.Values.PLAIN, order.scope());
        session.update(DSL.query(
                "insert into {0} ({1}) select {1} from {2} where {3}",
                LedgerTables.table(order.shadow()),
                DSL.list(columns),
                LedgerTables.table(order.target().name()),
                rows));
    }

    @Override
    public List<Partition> reseed(WorkOrder order, Collection<Partition> partitions, Interrupt interrupt) {
        String what =
                "new seed of partitions of the shadow of " + order.target().name() + " (run " + order.run() + ")";
        return database.write(what, order, interrupt, session -> {
            long version = heads.version(session, order);
            HeadRow head = heads.require(session, order, ACTIVE);
            if (head.shadow().isEmpty()) {
                return List.of();
            }
            boolean objected = audits.supersede(session, order) > 0;
            if (!objected && head.seal().isEmpty()) {
                return List.of();
            }
            requireComplete(
                    session,
                    order,
                    head,
                    OwnTables.isOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run())));
            // The live rows are those of the baseline, or the baseline becomes theirs: a write that is seen here and
            // taken
            // back before the publish would else stay in the shadow, and the publish would find nothing amiss.
            String baseline = head.baseline().orElseThrow();
            LateWrites late = CatchUp.lateOrNone(session, order, drift, baseline);
            LateWrites all = reseed.withNeighbours(session, order, late.and(partitions));
            reseed.run(session, order, all);
            drift.requireSeeded(session, order, baseline, reseed.rows(order, all));
            CatchUp.forget(session, late);
            seals.clear(session, order);
            heads.unseal(session, order, ACTIVE, late.isNone() ? baseline : drift.renewed(session, order, baseline));
            heads.requireUnwritten(session, order, version);
            entries.move(session, order, EnumSet.of(Entry.State.AUDITED), Entry.State.MERGED);
            return all.partitions();
        });
    }

    @Override
    public void clear(WorkOrder order) {
        String what = "removal of what run " + order.run() + " left beside "
                + order.target().name();
        Work<Boolean> dropTables = session -> ledger.arePrepared(session) && dropTables(session, order);
        database.write(what, order, Interrupt.never(), new Frame(session -> true, dropTables), session -> {
            if (!ledger.arePrepared(session)) {
                return false;
            }
            Optional<Head> head = heads.find(session, order.live())
                    .map(HeadRow::head)
                    .filter(found -> found.run().equals(order.run()));
            // A caller whose run was taken over must not remove what its successor builds on.
            head.ifPresent(found -> heads.forgetShadow(session, order, found.state()));
            if (database.dialect().ddl() == Dialect.Ddl.IN_TRANSACTION) {
                dropTables(session, order);
            }
            return true;
        });
    }

    private boolean dropTables(Session session, WorkOrder order) {
        OwnTables.dropIfOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run()));
        drift.clear(session, order);
        // Whoever has the head since, a rollback of what this run published counts from its seal.
        if (!archives.isKept(session, order)) {
            seals.remove(session, order);
        }
        return true;
    }
}
