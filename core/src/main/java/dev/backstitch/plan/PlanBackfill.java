package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.ACTIVE_BACKFILL;
import static dev.backstitch.error.ErrorCode.DEPENDENT_AT_RISK;
import static dev.backstitch.error.ErrorCode.NOTHING_LEFT;
import static dev.backstitch.error.ErrorCode.UNSUPPORTED;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.SizesCompute;
import dev.backstitch.spi.TableInfo;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Plans one backfill of a dag: its description meets the target as the catalogue and the ledger show it, and what stands in
 * the way is added to the dag's problems.
 */
final class PlanBackfill {
    /** A plan is not to weigh on the database: what takes longer is estimated, or left open. */
    private static final Duration COUNTED_WITHIN = Duration.ofSeconds(2);

    private final Connector connector;
    private final Clock clock;
    private final Backfill backfill;
    private final List<Problem> problems;
    private final List<Problem> nothingLeft;

    /**
     * @param problems what stands in the way is added here
     * @param nothingLeft that the backfill has nothing left to run is added here, which may not be a problem of the dag
     */
    PlanBackfill(
            Connector connector, Clock clock, Backfill backfill, List<Problem> problems, List<Problem> nothingLeft) {
        this.connector = connector;
        this.clock = clock;
        this.backfill = backfill;
        this.problems = problems;
        this.nothingLeft = nothingLeft;
    }

    /** What is planned for one backfill, as yet without its SQL; nothing when its problems leave nothing to plan. */
    Optional<PlannedBackfill> plan() {
        Optional<TargetGate.Found> found = TargetGate.find(connector, backfill, problems);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        TableInfo target = found.get().table();
        CatalogGate gate = new CatalogGate(connector.catalog(), backfill, target);
        List<Problem> own = new ArrayList<>(gate.columnProblems());
        List<Problem> source = new ArrayList<>();
        Optional<Reads> reads = Optional.empty();
        Beginnings beginnings = new Beginnings(connector, clock, backfill);
        Optional<Partition> sample = ScopeResolver.resolve(backfill.scope(), clock, beginnings).stream()
                .findFirst();
        own.addAll(beginnings.problems());
        if (own.isEmpty() && sample.isPresent()) {
            source.addAll(gate.sourceProblems(sample.get()));
            reads = source.isEmpty()
                    ? SourceReads.of(connector.catalog(), backfill, sample.get(), gate.partitionColumns())
                    : Optional.empty();
        }
        String logic = logic(backfill, reads);
        Decisions decisions =
                Decisions.of(backfill, clock, beginnings, history(found.get().live()), logic);
        Optional<Gaps> gaps = own.isEmpty() ? gaps(target, gate.partitionColumns(), decisions, own) : Optional.empty();
        decisions = gaps.map(decisions::lacking).orElse(decisions);
        List<Partition> scope = decisions.run();
        Optional<Problem> active = activeBackfill(found.get());
        active.ifPresent(own::add);
        decisions.excludedInVain().ifPresent(own::add);
        if (active.isEmpty() && beginnings.problems().isEmpty()) {
            decisions
                    .nothingToRun()
                    .ifPresent(problem -> (problem.code() == NOTHING_LEFT ? nothingLeft : own).add(problem));
        }
        unsized().ifPresent(own::add);
        List<Dependent> dependents = dependents(found.get());
        dependents.stream()
                .filter(dependent -> fate(dependent) == Dependent.Fate.REFUSED)
                .map(dependent -> atRisk(target, dependent))
                .forEach(own::add);
        if (own.isEmpty()) {
            own.addAll(source);
        }
        if (own.isEmpty() && !scope.isEmpty()) {
            own.addAll(AuditCatalogGate.check(
                    connector.catalog(), backfill, target, scope.get(0), gate.partitionColumns()));
        }
        problems.addAll(own);
        if (!own.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PlannedBackfill(
                backfill.name(),
                target,
                gate.partitionColumns(),
                counted(target, gate.partitionColumns(), decisions, gaps),
                dependents,
                List.of(),
                List.of(),
                reads,
                logic,
                List.of(),
                found.get().view(),
                spelt(),
                Optional.of(found.get().pinned()).filter(pinned -> !pinned.isEmpty())));
    }

    private Optional<Problem> unsized() {
        return backfill.compute()
                .filter(compute -> !(connector instanceof SizesCompute))
                .map(compute -> new Problem(
                        UNSUPPORTED,
                        backfill.name() + ".compute",
                        "a connector that gives a merge more of the machine, or less",
                        connector.name() + ", which does not",
                        "Leave it out, and size the database by its own means."));
    }

    /** The added columns that the database spells in another way than the dag. */
    private Optional<Map<String, String>> spelt() {
        Map<String, String> spelt = new TreeMap<>();
        for (AddedColumn added : backfill.shadow().added()) {
            String name = connector.catalog().spelt(added.name());
            if (!name.equals(added.name())) {
                spelt.put(added.name(), name);
            }
        }
        return spelt.isEmpty() ? Optional.empty() : Optional.of(spelt);
    }

    private List<Dependent> dependents(TargetGate.Found found) {
        return found.view()
                .map(view -> ((RepointsViews) connector).dependents(view, found.pinned()))
                .orElseGet(() -> connector.catalog().dependents(found.table().name()));
    }

    private Optional<Gaps> gaps(
            TableInfo target, List<Column> partitionColumns, Decisions decisions, List<Problem> own) {
        return backfill.scope().repair().isEmpty() || decisions.run().isEmpty()
                ? Optional.empty()
                : Gaps.find(connector.catalog(), backfill, target, partitionColumns, decisions.inScope(), own);
    }

    private List<PlannedPartition> counted(
            TableInfo target, List<Column> partitionColumns, Decisions decisions, Optional<Gaps> gaps) {
        if (decisions.run().isEmpty()) {
            return decisions.partitions();
        }
        Map<String, LiveRows> rows = gaps.map(Gaps::live)
                .orElseGet(
                        () -> connector.catalog().liveRows(target, partitionColumns, decisions.run(), COUNTED_WITHIN));
        return decisions.partitions().stream()
                .map(planned -> planned.with(
                        Optional.ofNullable(rows.get(planned.partition().id()))))
                .toList();
    }

    private History history(ResolvedTable live) {
        Ledger ledger = connector.ledger();
        return new History(ledger.head(live), ledger.latest(live), ledger.watermarks(live));
    }

    /** Of the table, too: behind a view its rows have another head. */
    private Optional<Problem> activeBackfill(TargetGate.Found target) {
        return Stream.of(target.live(), target.table().name())
                .distinct()
                .flatMap(name -> connector.ledger().head(name).stream())
                .filter(head -> head.state().isActive())
                .findFirst()
                .map(head -> new Problem(
                        ACTIVE_BACKFILL,
                        backfill.name() + ".target " + target.live(),
                        "no other backfill in flight",
                        describe(head),
                        "Resume or cancel that run first; if the state store doesn't know it, recover does."));
    }

    private static String describe(Head head) {
        return "run " + head.run() + " of " + head.actor() + ", " + head.state() + " since " + head.since();
    }

    private Dependent.Fate fate(Dependent dependent) {
        return backfill.publish().overwritesWholeTable() ? dependent.swap() : dependent.replace();
    }

    private Problem atRisk(TableInfo target, Dependent dependent) {
        return new Problem(
                DEPENDENT_AT_RISK,
                backfill.name() + ".publish",
                "nothing on " + target.name() + " that the publish could lose or break",
                dependent.kind() + " " + dependent.name() + ": " + dependent.why(),
                backfill.publish().overwritesWholeTable() && dependent.replace() == Dependent.Fate.PRESERVED
                        ? "Use replacePartitions(), which keeps the table, or remove it for the time of the backfill."
                        : "Remove it for the time of the backfill.");
    }

    private static String logic(Backfill backfill, Optional<Reads> reads) {
        return PlanFormat.sha256(PlanFormat.tree(backfill.merge()).toString()
                + PlanFormat.tree(backfill.shadow().added())
                + reads.map(all -> PlanFormat.tree(all.seen()).toString()).orElse(""));
    }
}
