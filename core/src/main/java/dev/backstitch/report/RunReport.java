package dev.backstitch.report;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.Plan;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.WatchRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of a run, for {@link HtmlReport}.
 *
 * @param run the run
 * @param plan its frozen plan
 * @param instances its task instances, by task and position
 * @param backfills its backfills, in the plan's order
 * @param asOf when this was read
 */
public record RunReport(
        RunRecord run, Plan plan, List<InstanceRecord> instances, List<OfBackfill> backfills, Instant asOf) {
    public RunReport {
        requireNonNull(run, "run");
        requireNonNull(plan, "plan");
        instances = List.copyOf(instances);
        backfills = List.copyOf(backfills);
        requireNonNull(asOf, "asOf");
    }

    /**
     * What the ledger has of one backfill of the run.
     *
     * @param name the backfill's
     * @param entries its partitions
     * @param audits how its audits were judged last
     * @param archive what its publish kept of before, if it was published
     * @param watch what is or was checked after it, if anything is
     */
    public record OfBackfill(
            String name,
            List<Entry> entries,
            List<AuditNote> audits,
            Optional<Archive> archive,
            Optional<WatchRecord> watch) {
        public OfBackfill {
            requireNonNull(name, "name");
            entries = List.copyOf(entries);
            audits = List.copyOf(audits);
            requireNonNull(archive, "archive");
            requireNonNull(watch, "watch");
        }
    }
}
