package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jooq.impl.DSL;

/**
 * Gives the live table's name and everything that hangs on it to another table of its shape, and proves that nothing was
 * lost: an inventory of the name before has to read like the one after.
 */
final class Exchange {
    private final String ledgerSchema;
    private final WorkOrder order;
    private final ResolvedTable live;
    private Inventory before = new Inventory(List.of());

    /** @param live the table that has the name now */
    Exchange(String ledgerSchema, WorkOrder order, ResolvedTable live) {
        this.ledgerSchema = ledgerSchema;
        this.order = order;
        this.live = live;
    }

    /**
     * Takes the inventory, of which nothing may be at risk.
     *
     * @param refusal why a thing would be lost or changed, if so
     */
    void requireNothingAtRisk(Session session, Function<Inventory.Fact, Optional<String>> refusal) {
        before = inventory(session);
        List<String> lost = before.facts().stream()
                .flatMap(fact -> refusal.apply(fact).map(why -> fact + " (" + why + ")").stream())
                .toList();
        if (!lost.isEmpty()) {
            throw changed(session, "nothing that it would lose or change", lost);
        }
    }

    /**
     * The candidate is the live table afterwards, in every respect.
     *
     * @param candidate which takes the name
     * @param formerly the name that the live table has afterwards
     * @param mayDiffer what the candidate rightly lacks
     */
    void run(Session session, ResolvedTable candidate, ResolvedTable formerly, Predicate<Inventory.Fact> mayDiffer) {
        String searchPath = session.one(DSL.query("select current_setting('search_path')"), row -> row.getString(1));
        PostgresTables.run(session, "set local search_path = pg_catalog");
        CarryOver carryOver = new CarryOver(session, live, candidate);
        carryOver.properties();
        carryOver.names(formerly);
        // A grant needs no lock of the table. Once the renames have written its row, another one fails; before, it is
        // seen.
        new CarryOver(session, formerly, live).grants();
        CarryOver.comments(session, "table " + table(live), before, inventory(session));
        requireSame(session, before, inventory(session), mayDiffer);
        session.one(
                DSL.query("select set_config('search_path', {0}, true)", DSL.val(searchPath)), row -> row.getString(1));
    }

    /** Proves that two inventories differ in nothing but the order's new columns. */
    void requireSame(Session session, Inventory was, Inventory is, Predicate<Inventory.Fact> mayDiffer) {
        List<String> different = new ArrayList<>();
        was.without(is).stream().filter(mayDiffer.negate()).forEach(fact -> different.add("lost: " + fact));
        Set<String> added = added();
        is.without(was).stream()
                .filter(mayDiffer.negate())
                .filter(fact -> !isOf(fact, added))
                .forEach(fact -> different.add("new: " + fact));
        if (!different.isEmpty()) {
            throw changed(session, "the same dependents before and after the swap", different);
        }
    }

    /** The names of the order's new columns. */
    Set<String> added() {
        return order.seed().added().stream().map(AddedColumn::name).collect(Collectors.toSet());
    }

    static boolean isOf(Inventory.Fact fact, Set<String> columns) {
        return fact.kind().equals("column") && columns.contains(fact.name());
    }

    private Inventory inventory(Session session) {
        return Inventory.of(session, live, ledgerSchema);
    }

    BackstitchException changed(Session session, String expected, List<String> found) {
        return new BackstitchException(
                ErrorCode.TARGET_CHANGED,
                session.what() + " failed: expected " + expected + ", found on " + live + ":\n  - "
                        + String.join("\n  - ", found)
                        + "\nEverything was rolled back; the target is unchanged. Cancel the run and start the dag again: its"
                        + " plan names what a swap cannot carry over, and its shadow gets what was added.");
    }
}
