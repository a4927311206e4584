package dev.backstitch.state;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.unquotedName;

import java.time.Instant;
import org.jooq.DataType;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** The names and types of our tables. Unquoted, so that each database folds them as it folds the migrations. */
final class Tables {
    private Tables() {}

    /** One row for each run. */
    static final class RunTable {
        private static final String NAME = "bf_run";
        static final Table<Record> RUN = table(unquotedName(NAME));
        static final Field<String> ID = column(NAME, "id", SQLDataType.VARCHAR);
        static final Field<String> DAG = column(NAME, "dag", SQLDataType.VARCHAR);
        static final Field<String> ACTOR = column(NAME, "actor", SQLDataType.VARCHAR);
        static final Field<String> PLAN_SHA = column(NAME, "plan_sha", SQLDataType.VARCHAR);
        static final Field<String> STATE = column(NAME, "state", SQLDataType.VARCHAR);
        static final Field<Long> EPOCH = column(NAME, "epoch", SQLDataType.BIGINT);
        static final Field<String> FAILURE = column(NAME, "failure", SQLDataType.VARCHAR);
        static final Field<String> OWNER_ENGINE = column(NAME, "owner_engine", SQLDataType.VARCHAR);
        static final Field<String> OWNER_HOST = column(NAME, "owner_host", SQLDataType.VARCHAR);
        static final Field<Long> OWNER_PID = column(NAME, "owner_pid", SQLDataType.BIGINT);
        static final Field<Instant> OWNER_PROCESS_START = column(NAME, "owner_process_start", SQLDataType.INSTANT);
        static final Field<Instant> LEASED_UNTIL = column(NAME, "leased_until", SQLDataType.INSTANT);
        static final Field<Instant> CREATED_AT = column(NAME, "created_at", SQLDataType.INSTANT);
        static final Field<Instant> ENDED_AT = column(NAME, "ended_at", SQLDataType.INSTANT);

        private RunTable() {}
    }

    /** The frozen plan of each run. */
    static final class PlanTable {
        private static final String NAME = "bf_plan";
        static final Table<Record> PLAN = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<String> TEXT = column(NAME, "plan", SQLDataType.CLOB);

        private PlanTable() {}
    }

    /** One row for each task instance. */
    static final class InstanceTable {
        private static final String NAME = "bf_instance";
        static final Table<Record> INSTANCES = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<Integer> TASK = column(NAME, "task", SQLDataType.INTEGER);
        static final Field<Integer> POSITION = column(NAME, "position", SQLDataType.INTEGER);
        static final Field<String> PARTITION = column(NAME, "partition", SQLDataType.VARCHAR);
        static final Field<String> STATE = column(NAME, "state", SQLDataType.VARCHAR);
        static final Field<Long> EPOCH = column(NAME, "epoch", SQLDataType.BIGINT);
        static final Field<String> CLAIMED_BY = column(NAME, "claimed_by", SQLDataType.VARCHAR);
        static final Field<Integer> ATTEMPT = column(NAME, "attempt", SQLDataType.INTEGER);
        static final Field<Instant> NOT_BEFORE = column(NAME, "not_before", SQLDataType.INSTANT);
        static final Field<String> ERROR = column(NAME, "error", SQLDataType.VARCHAR);
        static final Field<Instant> STARTED_AT = column(NAME, "started_at", SQLDataType.INSTANT);
        static final Field<Instant> ENDED_AT = column(NAME, "ended_at", SQLDataType.INSTANT);

        private InstanceTable() {}
    }

    /** One row for each engine that helps with a run. */
    static final class HelperTable {
        private static final String NAME = "bf_helper";
        static final Table<Record> HELPERS = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<String> ENGINE = column(NAME, "engine", SQLDataType.VARCHAR);
        static final Field<Instant> LEASED_UNTIL = column(NAME, "leased_until", SQLDataType.INSTANT);

        private HelperTable() {}
    }

    /** How many instances of a task each engine may run at a time. */
    static final class PlaceTable {
        private static final String NAME = "bf_place";
        static final Table<Record> PLACES = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<Integer> TASK = column(NAME, "task", SQLDataType.INTEGER);
        static final Field<String> ENGINE = column(NAME, "engine", SQLDataType.VARCHAR);
        static final Field<Integer> HELD = column(NAME, "held", SQLDataType.INTEGER);

        private PlaceTable() {}
    }

    /** One row for each gate that was ever named: what is locked while a slot is given. */
    static final class PoolTable {
        private static final String NAME_OF_TABLE = "bf_pool";
        static final Table<Record> POOLS = table(unquotedName(NAME_OF_TABLE));
        static final Field<String> NAME = column(NAME_OF_TABLE, "name", SQLDataType.VARCHAR);
        static final Field<Instant> NEXT_START = column(NAME_OF_TABLE, "next_start", SQLDataType.INSTANT);

        private PoolTable() {}
    }

    /** One row for each place that a running instance takes in a pool. */
    static final class SlotTable {
        private static final String NAME = "bf_slot";
        static final Table<Record> SLOTS = table(unquotedName(NAME));
        static final Field<String> POOL = column(NAME, "pool", SQLDataType.VARCHAR);
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<Integer> TASK = column(NAME, "task", SQLDataType.INTEGER);
        static final Field<Integer> POSITION = column(NAME, "position", SQLDataType.INTEGER);

        private SlotTable() {}
    }

    /** One row for each run that waits for a place in a pool. */
    static final class TicketTable {
        private static final String NAME = "bf_ticket";
        static final Table<Record> TICKETS = table(unquotedName(NAME));
        static final Field<String> POOL = column(NAME, "pool", SQLDataType.VARCHAR);
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<Instant> SINCE = column(NAME, "since", SQLDataType.INSTANT);
        static final Field<Instant> GOOD_UNTIL = column(NAME, "good_until", SQLDataType.INSTANT);

        private TicketTable() {}
    }

    /** How many attempts of an instance have failed, by whose fault. */
    static final class FailureTable {
        private static final String NAME = "bf_failure";
        static final Table<Record> FAILURES = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<Integer> TASK = column(NAME, "task", SQLDataType.INTEGER);
        static final Field<Integer> POSITION = column(NAME, "position", SQLDataType.INTEGER);
        static final Field<String> BUDGET = column(NAME, "budget", SQLDataType.VARCHAR);
        static final Field<Integer> COUNT = column(NAME, "failures", SQLDataType.INTEGER);

        private FailureTable() {}
    }

    /** What runs hold downstream. */
    static final class HoldTable {
        private static final String NAME_OF_TABLE = "bf_hold";
        static final Table<Record> HOLDS = table(unquotedName(NAME_OF_TABLE));
        static final Field<String> RUN = column(NAME_OF_TABLE, "run", SQLDataType.VARCHAR);
        static final Field<String> NAME = column(NAME_OF_TABLE, "name", SQLDataType.VARCHAR);
        static final Field<String> STATE = column(NAME_OF_TABLE, "state", SQLDataType.VARCHAR);
        static final Field<String> NOTE = column(NAME_OF_TABLE, "note", SQLDataType.VARCHAR);
        static final Field<Instant> SINCE = column(NAME_OF_TABLE, "since", SQLDataType.INSTANT);

        private HoldTable() {}
    }

    /** One row for each backfill of a run that is watched after its publish. */
    static final class WatchTable {
        private static final String NAME = "bf_watch";
        static final Table<Record> WATCHES = table(unquotedName(NAME));
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<String> BACKFILL = column(NAME, "backfill", SQLDataType.VARCHAR);
        static final Field<String> STATE = column(NAME, "state", SQLDataType.VARCHAR);
        static final Field<Instant> NEXT_AT = column(NAME, "next_at", SQLDataType.INSTANT);
        static final Field<Instant> UNTIL = column(NAME, "until_at", SQLDataType.INSTANT);
        static final Field<Integer> LOOKS = column(NAME, "looks", SQLDataType.INTEGER);
        static final Field<Integer> BREACHES = column(NAME, "breaches", SQLDataType.INTEGER);
        static final Field<String> LAST = column(NAME, "last", SQLDataType.VARCHAR);

        private WatchTable() {}
    }

    /** What people are told, one row for each notice and channel. */
    static final class NoticeTable {
        private static final String NAME = "bf_notice";
        static final Table<Record> NOTICES = table(unquotedName(NAME));
        static final Field<String> CHANNEL = column(NAME, "channel", SQLDataType.VARCHAR);
        static final Field<String> KEY = column(NAME, "notice_key", SQLDataType.VARCHAR);
        static final Field<String> RUN = column(NAME, "run", SQLDataType.VARCHAR);
        static final Field<String> KIND = column(NAME, "kind", SQLDataType.VARCHAR);
        static final Field<String> TEXT = column(NAME, "text", SQLDataType.VARCHAR);
        static final Field<Instant> AT = column(NAME, "noticed_at", SQLDataType.INSTANT);
        static final Field<String> STATE = column(NAME, "state", SQLDataType.VARCHAR);
        static final Field<Integer> ATTEMPTS = column(NAME, "attempts", SQLDataType.INTEGER);
        static final Field<Instant> NEXT_AT = column(NAME, "next_at", SQLDataType.INSTANT);
        static final Field<String> ERROR = column(NAME, "error", SQLDataType.VARCHAR);

        private NoticeTable() {}
    }

    /** One row for each dag that was rehearsed. */
    static final class RehearsalTable {
        private static final String NAME = "bf_rehearsal";
        static final Table<Record> REHEARSALS = table(unquotedName(NAME));
        static final Field<String> DAG = column(NAME, "dag", SQLDataType.VARCHAR);
        static final Field<Instant> REHEARSED_AT = column(NAME, "rehearsed_at", SQLDataType.INSTANT);
        static final Field<String> MEASURED = column(NAME, "measured", SQLDataType.CLOB);

        private RehearsalTable() {}
    }

    private static <T> Field<T> column(String table, String name, DataType<T> type) {
        return field(unquotedName(table, name), type);
    }
}
