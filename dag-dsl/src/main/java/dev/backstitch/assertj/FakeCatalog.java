package dev.backstitch.assertj;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Planner;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.TableName;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A catalogue for unit tests, in place of a database's: a test says which tables there are, and the real planner with all
 * its gates makes a plan or refuses.
 *
 * <pre>{@code
 * Plan plan = FakeCatalog.of(FakeTable.of("analytics.flights")
 *                 .notNull("flight_id", "bigint")
 *                 .column("flight_date", "date"))
 *         .plan(dag);
 * assertThat(plan).runs(31);
 * }</pre>
 *
 * <p>What only a database can tell is not checked: whether it accepts the SQL of merges, statements and audits, what
 * rows that brings, privileges, space, and names that its search path would find. The columns of a merge's query are those
 * of its {@link FakeQuery}; without one they are taken to be those that the target needs. Names are matched with their
 * schema, upper and lower case being the same. The plan says in place of its SQL what was not checked, and no engine can
 * run it: the tables are not those of its database.
 *
 * <p>Immutable; each word returns another one.
 *
 * @param tables tables and views
 * @param queries what merges bring, where it is said
 * @param clock says which partitions have ended; the system's, in UTC, unless said
 */
public record FakeCatalog(List<FakeTable> tables, List<FakeQuery> queries, Clock clock) {
    /** @throws IllegalArgumentException when a table, or a backfill's query, is said twice */
    public FakeCatalog {
        tables = List.copyOf(tables);
        queries = List.copyOf(queries);
        requireNonNull(clock, "clock");
        for (FakeTable table : tables) {
            if (tables.stream().filter(other -> other.isCalled(table.name())).count() > 1) {
                throw new IllegalArgumentException("table " + table.name() + " is declared twice");
            }
        }
        for (FakeQuery query : queries) {
            if (queries.stream()
                            .filter(other -> other.backfill().equals(query.backfill()))
                            .count()
                    > 1) {
                throw new IllegalArgumentException("the query of backfill " + query.backfill() + " is declared twice");
            }
        }
    }

    /** A catalogue of these tables and views, and of nothing else. */
    public static FakeCatalog of(FakeTable... tables) {
        return new FakeCatalog(List.of(tables), List.of(), Clock.systemUTC());
    }

    /** With what the merge of a backfill brings. */
    public FakeCatalog merging(FakeQuery query) {
        return new FakeCatalog(tables, FakeColumns.append(queries, query), clock);
    }

    /** With this clock, whose zone says when a day ends. */
    public FakeCatalog clock(Clock other) {
        return new FakeCatalog(tables, queries, other);
    }

    /**
     * Plans a dag on these tables.
     *
     * @throws RefusedException with every problem of the first gate that finds one, as on a database
     * @throws IllegalArgumentException when a query is declared of a backfill that the dag lacks
     */
    public Plan plan(Dag dag) {
        for (FakeQuery query : queries) {
            if (dag.backfills().stream().map(Backfill::name).noneMatch(query.backfill()::equals)) {
                throw new IllegalArgumentException("dag " + dag.name() + " has no backfill " + query.backfill()
                        + ", whose query is declared; it has "
                        + dag.backfills().stream().map(Backfill::name).toList());
            }
        }
        try {
            return new Planner(new FakeConnector(this, dag), clock).plan(dag);
        } catch (RefusedException e) {
            throw e.problems().stream().anyMatch(FakeCatalog::isMissingTable) ? explained(dag, e) : e;
        }
    }

    /** A table may be missing in the test alone. */
    private RefusedException explained(Dag dag, RefusedException refused) {
        return new RefusedException(
                "dag " + dag.name() + ", planned on a fake catalogue of "
                        + (tables.isEmpty()
                                ? "no tables"
                                : tables.stream()
                                        .map(table -> table.name().toString())
                                        .collect(Collectors.joining(", ")))
                        + ",",
                refused.problems().stream()
                        .map(problem -> isMissingTable(problem) ? declare(problem) : problem)
                        .toList());
    }

    private static boolean isMissingTable(Problem problem) {
        return problem.code() == ErrorCode.TARGET_MISSING;
    }

    private static Problem declare(Problem problem) {
        return new Problem(
                problem.code(),
                problem.where(),
                problem.expected(),
                "none of that name among those that the test declares",
                "Declare it with FakeTable.of(..), schema and all, or correct the name.");
    }

    Optional<FakeTable> table(TableName name) {
        return tables.stream().filter(table -> table.isCalled(name)).findFirst();
    }

    Optional<FakeQuery> query(Backfill backfill) {
        return queries.stream()
                .filter(query -> query.backfill().equals(backfill.name()))
                .findFirst();
    }
}
