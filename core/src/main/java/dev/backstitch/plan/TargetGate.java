package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.TARGET_CHANGED;
import static dev.backstitch.error.ErrorCode.TARGET_MISSING;
import static dev.backstitch.error.ErrorCode.TARGET_NOT_A_TABLE;
import static dev.backstitch.error.ErrorCode.UNSUPPORTED;
import static dev.backstitch.error.ErrorCode.VIEW_NOT_PLAIN;
import static dev.backstitch.error.ErrorCode.VIEW_SHOWS_ANOTHER;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which table a backfill means, by its own name or as what a view shows now, and whether it may be a target. Reads only. */
final class TargetGate {
    private final Connector connector;
    private final Backfill backfill;
    private final List<Problem> problems;

    private TargetGate(Connector connector, Backfill backfill, List<Problem> problems) {
        this.connector = connector;
        this.backfill = backfill;
        this.problems = problems;
    }

    /**
     * A target.
     *
     * @param table that is copied
     * @param view that shows it, where the publish points a view at what becomes of it
     * @param pinned views that stay with it through the publish
     */
    record Found(TableInfo table, Optional<ViewInfo> view, List<ResolvedTable> pinned) {
        /** The name under which the ledger keeps it. */
        ResolvedTable live() {
            return view.map(ViewInfo::name).orElse(table.name());
        }
    }

    /** The target, or nothing and why. */
    static Optional<Found> find(Connector connector, Backfill backfill, List<Problem> problems) {
        TargetGate gate = new TargetGate(connector, backfill, problems);
        Optional<Found> found = backfill.publish() instanceof Publish.RepointView repoint
                ? gate.behind(repoint.view())
                : gate.named(backfill.target())
                        .filter(gate::isTable)
                        .map(table -> new Found(table, Optional.empty(), List.of()));
        return found.filter(each -> gate.isSeen(each.table()));
    }

    private Optional<TableInfo> named(TableName name) {
        Optional<TableInfo> found = connector.catalog().table(name);
        if (found.isEmpty()) {
            refuse(new Problem(
                    TARGET_MISSING,
                    where(),
                    "a table " + name + " in " + connector.name(),
                    "none of that name, as the database resolves names",
                    "Create it, or correct the name; a name with a dot in a part is written table(\"a\", \"b.c\")."));
        }
        return found;
    }

    private boolean isTable(TableInfo found) {
        if (found.kind() != TableInfo.Kind.TABLE) {
            refuse(new Problem(
                    TARGET_NOT_A_TABLE,
                    where(),
                    "an ordinary table",
                    found.name()
                            + (found.kind() == TableInfo.Kind.VIEW
                                    ? ", a view"
                                    : ", which is partitioned, foreign, temporary or of another kind"),
                    "Name the table behind it; a view of one table can be repointed, with repointView(..)."));
        }
        return found.kind() == TableInfo.Kind.TABLE;
    }

    private Optional<Found> behind(TableName name) {
        Optional<ViewInfo> view = plainView(name);
        Optional<TableInfo> declared = named(backfill.target());
        if (view.isEmpty() || declared.isEmpty()) {
            return Optional.empty();
        }
        ResolvedTable shown = view.get().shows().orElseThrow();
        boolean isTheView = declared.get().kind() == TableInfo.Kind.VIEW
                && declared.get().name().equals(view.get().name());
        if (!isTheView && !isTable(declared.get())) {
            return Optional.empty();
        }
        if (!isTheView && !declared.get().name().equals(shown)) {
            refuse(new Problem(
                    VIEW_SHOWS_ANOTHER,
                    where(),
                    "that view " + view.get().name() + " shows "
                            + declared.get().name(),
                    "that it shows " + shown,
                    "Name the view as the target, .target(table(\"" + name
                            + "\")): then each run finds the version that it" + " shows."));
            return Optional.empty();
        }
        List<ResolvedTable> pinned = new ArrayList<>();
        return named(new TableName(shown.parts().toList()))
                .filter(this::isTable)
                .filter(table -> pinned(table, view.get().name(), pinned))
                .map(table -> new Found(table, view, pinned));
    }

    /** Whether each view that is to be pinned shows the target as it is, so that it can stay with it and be moved on later. */
    private boolean pinned(TableInfo table, ResolvedTable repointed, List<ResolvedTable> pinned) {
        List<TableName> declared = backfill.publish() instanceof Publish.RepointView repoint
                ? repoint.pinned().orElse(List.of())
                : List.of();
        for (TableName name : declared) {
            plainView(name).ifPresent(view -> {
                if (view.name().equals(repointed) || pinned.contains(view.name())) {
                    refuse(new Problem(
                            CONFLICTING_SETTINGS,
                            backfill.name() + ".publish.pinning",
                            "views beside the one that is repointed, each once",
                            view.name() + (view.name().equals(repointed) ? ", which is repointed" : " again"),
                            "Pin the views whose readers stay with the former version; the others see the new one."));
                } else if (!view.shows().equals(Optional.of(table.name()))) {
                    refuse(
                            new Problem(
                                    VIEW_SHOWS_ANOTHER,
                                    backfill.name() + ".publish.pinning",
                                    "that view " + view.name() + " shows " + table.name(),
                                    "that it shows " + view.shows().orElseThrow(),
                                    "Make it show that table itself; if it is still pinned by an earlier run, unpin it first."));
                } else {
                    pinned.add(view.name());
                }
            });
        }
        return pinned.size() == declared.size();
    }

    /** The view, if it shows one table as it is and has nothing that pointing it elsewhere would lose. */
    private Optional<ViewInfo> plainView(TableName name) {
        String place = backfill.name() + ".publish";
        if (!(connector instanceof RepointsViews views)) {
            refuse(new Problem(
                    UNSUPPORTED,
                    place,
                    "a connector that points views at other tables",
                    connector.name() + ", which does not",
                    "Use swapTable()."));
            return Optional.empty();
        }
        Optional<ViewInfo> found = views.view(name);
        Optional<String> wrong = found.isEmpty()
                ? Optional.of("none of that name")
                : found.filter(view -> view.shows().isEmpty())
                        .map(view -> view.definition())
                        .or(() -> found.map(ViewInfo::obstacles)
                                .filter(obstacles -> !obstacles.isEmpty())
                                .map(obstacles -> "that it has " + String.join("; ", obstacles)));
        wrong.ifPresent(what -> refuse(new Problem(
                VIEW_NOT_PLAIN,
                place,
                "a view " + name
                        + " that shows one table as it is, select * from it or all of its columns in order, without"
                        + " options, rules and triggers",
                what,
                "Make it such a view, and put what it computes into another view of it; or use swapTable().")));
        return found.filter(view -> wrong.isEmpty());
    }

    private boolean isSeen(TableInfo table) {
        return connector
                .ledger()
                .archiveThatIs(table)
                .map(archive -> {
                    refuse(new Problem(
                            TARGET_CHANGED,
                            where(),
                            "a table that readers see",
                            table.name() + ", which is the archive of run " + archive.run() + " since "
                                    + archive.createdAt(),
                            "Name what is live now: the view that showed it, with repointView(..), or the table that the"
                                    + " view shows."));
                    return false;
                })
                .orElse(true);
    }

    private void refuse(Problem problem) {
        problems.add(problem);
    }

    private String where() {
        return backfill.name() + ".target";
    }
}
