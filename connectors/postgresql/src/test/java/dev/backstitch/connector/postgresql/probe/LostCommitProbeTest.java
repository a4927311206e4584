package dev.backstitch.connector.postgresql.probe;

import static dev.backstitch.connector.postgresql.probe.Server.ask;
import static dev.backstitch.connector.postgresql.probe.Server.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client cannot tell a COMMIT that never arrived from one whose answer was lost; pg_xact_status can. */
@Timeout(60)
class LostCommitProbeTest {

    @Test
    void pgXactStatus_saysAborted_whenTheCommitNeverArrived() throws Exception {
        assertThat(statusAfter(CutProxy.Cut.BEFORE_THE_REQUEST, "lost_request")).isEqualTo("aborted, 0 rows, 08006");
    }

    @Test
    void pgXactStatus_saysCommitted_whenTheAnswerWasLost() throws Exception {
        assertThat(statusAfter(CutProxy.Cut.BEFORE_THE_ACKNOWLEDGEMENT, "lost_answer"))
                .isEqualTo("committed, 1 rows, 08006");
    }

    @Test
    void pgXactStatus_saysInProgress_whileTheBackendLives() throws Exception {
        try (Connection open = Server.connect();
                Connection other = Server.connect()) {
            open.setAutoCommit(false);
            String xid = ask(open, "select pg_current_xact_id()");

            assertThat(status(other, xid)).isEqualTo("in progress");
            open.rollback();
            assertThat(status(other, xid)).isEqualTo("aborted");
        }
    }

    private static String statusAfter(CutProxy.Cut cut, String table) throws Exception {
        try (Connection observer = Server.connect();
                CutProxy proxy = new CutProxy(Server.port(), "COMMIT", cut)) {
            run(observer, "create table " + table + " (id int)");
            String xid;
            SQLException lost;
            try (Connection client = Server.connectThrough(proxy.port())) {
                client.setAutoCommit(false);
                run(client, "insert into " + table + " values (1)");
                xid = ask(client, "select pg_current_xact_id()");
                proxy.arm();
                lost = catchThrowableOfType(SQLException.class, client::commit);
            }
            assertThat(proxy.hasFired()).isTrue();
            Server.await(() -> !status(observer, xid).equals("in progress"));
            return status(observer, xid) + ", " + ask(observer, "select count(*) from " + table) + " rows, "
                    + lost.getSQLState();
        }
    }

    private static String status(Connection connection, String xid) throws SQLException {
        return ask(connection, "select pg_xact_status('%s')".formatted(xid));
    }
}
