package dev.backstitch.plan;

import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a plan asks of a connector. */
public final class WorkOrders {
    private static final int HASH_LENGTH = 12;
    /** PostgreSQL's bound, the narrowest. */
    static final int MOST_BYTES = 63;

    private WorkOrders() {}

    /**
     * The orders for one run of a plan, one a backfill that has something to run, in the dag's order.
     *
     * @param actor who started the run
     */
    public static List<WorkOrder> of(Plan plan, String run, long epoch, String actor) {
        return plan.backfills().stream()
                .filter(planned -> !planned.rests())
                .map(planned -> of(plan, planned, run, epoch, actor))
                .toList();
    }

    private static WorkOrder of(Plan plan, PlannedBackfill planned, String run, long epoch, String actor) {
        Backfill backfill = plan.dag().backfill(planned.name());
        return new WorkOrder(
                run,
                epoch,
                plan.dag().name(),
                backfill.name(),
                actor,
                planned.logic(),
                planned.target(),
                ours(planned, run, "shadow"),
                planned.view().isPresent()
                        ? planned.target().name()
                        : named(backfill, planned).orElseGet(() -> ours(planned, run, "archive")),
                planned.partitionColumns(),
                planned.scope(),
                withoutWhatIsThere(
                        new Shadow<>(backfill.shadow().seed(), planned.added(backfill.shadow())), planned.target()),
                withExactNames(backfill, planned),
                backfill.publish(),
                planned.view()
                        .map(view -> new Repoint(
                                view,
                                named(backfill, planned).orElseGet(() -> version(planned, view, run)),
                                planned.pinned().orElse(List.of()))));
    }

    /** A column that an earlier publish of the same backfill added is there by now. */
    private static Shadow<?> withoutWhatIsThere(Shadow<?> shadow, TableInfo target) {
        return new Shadow<>(
                shadow.seed(),
                shadow.added().stream()
                        .filter(added -> target.columns().stream()
                                .noneMatch(column -> column.name().equalsIgnoreCase(added.name())))
                        .toList());
    }

    /** Columns as the catalogue spells them: the name itself where it exists, else the one that differs only in case. */
    private static Merge withExactNames(Backfill backfill, PlannedBackfill planned) {
        Merge merge = backfill.merge();
        List<String> names = Stream.concat(
                        planned.target().columns().stream().map(Column::name),
                        planned.added(backfill.shadow()).stream().map(AddedColumn::name))
                .toList();
        Write write = merge.write();
        return new Merge(
                merge.sql(),
                exact(merge.key(), names),
                merge.dedupe(),
                merge.deletingMissing(),
                merge.empty(),
                new Write(write.rows(), exact(write.updating(), names), exact(write.comparing(), names)),
                merge.stamping().map(stamping -> exact(stamping, names)));
    }

    private static Stamping exact(Stamping declared, List<String> names) {
        return new Stamping(declared.stamps().stream()
                .map(stamp -> new Stamp(exact(List.of(stamp.column()), names).get(0), stamp.value()))
                .toList());
    }

    private static List<String> exact(List<String> declared, List<String> names) {
        return declared.stream()
                .map(name -> names.contains(name)
                        ? name
                        : names.stream()
                                .filter(name::equalsIgnoreCase)
                                .findFirst()
                                .orElse(name))
                .toList();
    }

    /** What the developer calls the table that the publish adds. */
    static Optional<ResolvedTable> named(Backfill backfill, PlannedBackfill planned) {
        return backfill.publish().name().map(name -> planned.target().name().sibling(name));
    }

    /**
     * The permanent name of a version: what people know, as far as every database has room for it, and the run's hash, so
     * that no two runs share one.
     */
    private static ResolvedTable version(PlannedBackfill planned, ViewInfo view, String run) {
        String hash =
                PlanFormat.sha256(run + '\n' + view.name().parts().toList()).substring(0, HASH_LENGTH);
        StringBuilder stem = new StringBuilder();
        int room = MOST_BYTES - 1 - HASH_LENGTH;
        for (int point : view.name().table().codePoints().toArray()) {
            String next = Character.toString(point);
            room -= next.getBytes(StandardCharsets.UTF_8).length;
            if (room < 0) {
                break;
            }
            stem.append(next);
        }
        return planned.target().name().sibling(stem + "_" + hash);
    }

    /**
     * A name of ours beside the target. It holds nothing of the target's own name, so that no database can truncate it to
     * that, and the run's hash, so that no two runs share one.
     */
    private static ResolvedTable ours(PlannedBackfill planned, String run, String role) {
        String hash = PlanFormat.sha256(
                        run + '\n' + planned.target().name().parts().toList())
                .substring(0, HASH_LENGTH);
        return planned.target().name().sibling("bf_" + hash + "_" + role);
    }
}
