package dev.backstitch.connector.duckdb;

import static dev.backstitch.connector.duckdb.DuckDbTables.literal;

import dev.backstitch.connector.duckdb.DuckDbTables.CatalogColumn;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jooq.impl.DSL;

/** The view that a publish points at another version of its table, in the publish's transaction. */
final class RepointedView {
    private final DuckDbTables tables;
    private final ResolvedTable name;

    RepointedView(DuckDbTables tables, ResolvedTable name) {
        this.tables = tables;
        this.name = name;
    }

    /** The view as the catalogue has it. */
    static Optional<ViewInfo> look(Session session, DuckDbTables tables, ResolvedTable name) {
        return View.find(session, name)
                .map(view -> new ViewInfo(
                        name,
                        "by name",
                        view.sql(),
                        PlainView.of(session, tables, view).map(PlainView::table),
                        List.of()));
    }

    /**
     * Proves that the view shows the live table and that no other view does, which would go on to show the version that is
     * left behind.
     *
     * @param planned the view as it was planned, where the live table is the one that was planned
     * @param pinned views that may, as long as they show it as it is
     */
    void requireShows(
            Session session, ResolvedTable live, Optional<ViewInfo> planned, Collection<ResolvedTable> pinned) {
        Optional<ViewInfo> found = look(session, tables, name);
        boolean shows = found.flatMap(ViewInfo::shows).equals(Optional.of(live));
        boolean same = planned.isEmpty() || planned.map(ViewInfo::definition).equals(found.map(ViewInfo::definition));
        if (!shows || !same) {
            throw changed(
                    session,
                    "that view " + name + " shows " + live + " as it did",
                    found.map(ViewInfo::definition).orElse("no view of that name"));
        }
        List<View> others = othersOf(session, tables, live, name, pinned);
        if (!others.isEmpty()) {
            throw changed(
                    session,
                    "no other view of " + live,
                    others.stream().map(View::name).toList().toString());
        }
    }

    private static BackstitchException changed(Session session, String expected, String found) {
        return new BackstitchException(
                ErrorCode.TARGET_CHANGED,
                session.what() + " failed: expected " + expected + ", found " + found
                        + ". All of it is rolled back, the view shows what it showed. Undo that, or cancel the run and"
                        + " plan again.");
    }

    /**
     * The views that may read a table, but for one and for those pinned ones that show it as it is. A plain view of another table,
     * such as a namesake in another schema, is none; what computes anything of the table is, pinned or not.
     */
    static List<View> othersOf(
            Session session,
            DuckDbTables tables,
            ResolvedTable table,
            ResolvedTable but,
            Collection<ResolvedTable> pinned) {
        return View.mentioning(session, table).stream()
                .filter(view -> !view.name().equals(but))
                .filter(view -> view.names(table.table()))
                .filter(view -> PlainView.of(session, tables, view)
                        .map(plain -> plain.table().equals(table) && !pinned.contains(view.name()))
                        .orElse(true))
                .toList();
    }

    /** Makes it show another table. DuckDB forgets its comments with that, so that they are set again. */
    void show(Session session, ResolvedTable next) {
        View view = View.find(session, name).orElseThrow();
        PlainView plain = PlainView.of(session, tables, view).orElseThrow();
        Optional<String> comment = View.comment(session, name);
        List<CatalogColumn> columns = tables.columns(session, name);
        TableInfo table = tables.find(session, next).orElseThrow();
        session.update(plain.showing(session, name, table));
        comment.ifPresent(text -> session.update(DSL.query(
                "comment on view {0} is {1}", DSL.name(name.catalog(), name.schema(), name.table()), literal(text))));
        for (CatalogColumn column : columns) {
            boolean stays = table.columns().stream()
                    .anyMatch(there -> there.name().equals(column.column().name()));
            column.comment()
                    .filter(text -> stays)
                    .ifPresent(text -> session.update(DSL.query(
                            "comment on column {0} is {1}",
                            DSL.name(
                                    name.catalog(),
                                    name.schema(),
                                    name.table(),
                                    column.column().name()),
                            literal(text))));
        }
    }
}
