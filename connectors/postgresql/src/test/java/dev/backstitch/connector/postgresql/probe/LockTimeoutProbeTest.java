package dev.backstitch.connector.postgresql.probe;

import static dev.backstitch.connector.postgresql.probe.Server.ask;
import static dev.backstitch.connector.postgresql.probe.Server.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An idle reader blocks a swap; lock_timeout bounds how long, for the swap and for everybody queued behind it. */
@Timeout(60)
class LockTimeoutProbeTest {

    private static final String[] SWAP = {
        "set local lock_timeout = '300ms'",
        "lock table swapped in access exclusive mode",
        "alter table swapped rename to swapped_archive",
        "alter table swapped_shadow rename to swapped",
    };

    @Test
    void swap_failsWithinItsBudget_behindAnIdleReader_andSucceedsAfterIt() throws Exception {
        try (Connection publisher = Server.connect();
                Connection reader = Server.connect();
                Connection later = Server.connect();
                Connection observer = Server.connect()) {
            run(observer, "create table swapped as select 1 as v", "create table swapped_shadow as select 2 as v");
            reader.setAutoCommit(false);
            ask(reader, "select v from swapped");
            int pid = Server.pid(publisher);
            publisher.setAutoCommit(false);

            long start = System.nanoTime();
            CompletableFuture<Void> swap = Server.begin(publisher, SWAP);
            Server.awaitLockWait(observer, pid);
            long asked = System.nanoTime();
            String seen = ask(later, "select v from swapped");
            long stall = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
            SQLException refused = Server.refusalOf(swap);
            long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

            assertThat(refused.getSQLState()).isEqualTo("55P03");
            assertThat(taken).isBetween(300L, 1_300L);
            assertThat(seen).isEqualTo("1");
            assertThat(stall)
                    .as("a later reader stalls no longer than the timeout")
                    .isBetween(50L, 1_300L);

            publisher.rollback();
            assertThat(ask(observer, "select v from swapped")).isEqualTo("1");
            reader.commit();
            run(publisher, SWAP);
            publisher.commit();
            assertThat(ask(observer, "select v from swapped")).isEqualTo("2");
        }
    }
}
