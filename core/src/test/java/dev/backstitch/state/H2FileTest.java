package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.key;
import static dev.backstitch.state.Fixtures.run;
import static dev.backstitch.state.StateStoreContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.ErrorCode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be wrong with a file, and what becomes of it from one opening to the next. */
final class H2FileTest {
    static {
        H2Address.settle();
    }

    @TempDir
    Path dir;

    @Test
    void reopenedFile_holdsWhatWasStored_withOrWithoutItsSuffix() {
        try (StateStore store = StateStores.h2(dir.resolve("state"))) {
            store.create(run("r1"), instances(0, 3, InstanceState.READY));
            assertThat(store.location()).isEqualTo(dir.resolve("state.mv.db").toString());
        }
        try (StateStore store = StateStores.h2(dir.resolve("state.mv.db"))) {
            assertThat(store.instances("r1")).hasSize(3);
        }
    }

    @Test
    void twoStoresOnAFile_inOneProcess_shareIt() {
        try (StateStore one = StateStores.h2(dir.resolve("state"));
                StateStore two = StateStores.h2(dir.resolve("state"))) {
            one.create(run("r1"), List.of());
            assertThat(two.run("r1")).isPresent();
            one.close();
            assertThat(two.run("r1")).isPresent();
        }
    }

    @Test
    void newDirectory_isReadableByItsOwnerAlone() throws IOException {
        try (StateStore store = StateStores.h2(dir.resolve("a/b/state"))) {
            assertThat(Files.getPosixFilePermissions(dir.resolve("a/b")))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(store.runs()).isEmpty();
        }
    }

    @Test
    void fileThatIsNoDatabase_isRefused_andKept() throws IOException {
        Path file = dir.resolve("state.mv.db");
        String text = "dear diary\n".repeat(5_000);
        Files.writeString(file, text);
        assertFails(ErrorCode.STATE_UNREADABLE, () -> StateStores.h2(file));
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void truncatedFile_isRefused_insteadOfBecomingEmpty() throws IOException {
        Path file = dir.resolve("state.mv.db");
        try (StateStore store = StateStores.h2(file)) {
            store.create(run("r1"), instances(0, 20_000, InstanceState.READY));
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertFails(ErrorCode.STATE_UNREADABLE, () -> StateStores.h2(file));
    }

    @Test
    void directoryInPlaceOfTheFile_isRefused() throws IOException {
        Files.createDirectory(dir.resolve("state.mv.db"));
        assertFails(ErrorCode.STATE_UNREADABLE, () -> StateStores.h2(dir.resolve("state")));
    }

    @Test
    void databaseOfAnotherProgram_isRefused_andUntouched() throws SQLException {
        execute("create table customer (id int primary key)");
        assertFails(ErrorCode.STATE_UNREADABLE, () -> StateStores.h2(dir.resolve("state")));
        execute("insert into customer values (1)");
        assertThatThrownBy(() -> execute("select * from bf_run")).isInstanceOf(SQLException.class);
    }

    @Test
    void databaseWithAPassword_isRefused() throws SQLException {
        try (Connection connection =
                DriverManager.getConnection("jdbc:h2:" + dir.resolve("state"), "somebody", "secret")) {
            assertThat(connection.isValid(1)).isTrue();
        }
        assertFails(ErrorCode.STATE_UNREADABLE, () -> StateStores.h2(dir.resolve("state")));
    }

    @Test
    void databaseOfANewerVersion_isRefused() throws SQLException {
        StateStores.h2(dir.resolve("state")).close();
        execute("insert into \"bf_schema_history\" (\"installed_rank\", \"version\", \"description\", \"type\","
                + " \"script\", \"installed_by\", \"execution_time\", \"success\")"
                + " values (99, '99', 'later', 'SQL', 'V99', 'sa', 1, true)");
        assertThatThrownBy(() -> StateStores.h2(dir.resolve("state")))
                .hasMessageContaining("newer Backstitch")
                .hasMessageStartingWith(ErrorCode.STATE_UNREADABLE.code());
    }

    @Test
    void migrationThatDiedHalfway_isFinished() throws SQLException {
        StateStores.h2(dir.resolve("state")).close();
        execute("drop table bf_instance");
        execute("drop table \"bf_schema_history\"");
        try (StateStore store = StateStores.h2(dir.resolve("state"))) {
            store.create(run("r1"), instances(0, 1, InstanceState.READY));
        }
    }

    @Test
    void version_isThatOfTheLastMigration() throws IOException, URISyntaxException {
        Path migrations = Path.of(
                StateStores.class.getResource("/dev/backstitch/state/migration").toURI());
        try (Stream<Path> files = Files.list(migrations)) {
            assertThat(files.mapToInt(file -> Integer.parseInt(
                                    file.getFileName().toString().replaceFirst("V(\\d+)__.*", "$1")))
                            .max())
                    .hasValue(Schema.VERSION);
        }
    }

    @Test
    void address_isSharedOnlyOnLoopback() {
        assertThat(H2Address.of("127.0.0.1")).isEqualTo(H2Address.LOOPBACK);
        assertThat(H2Address.of("::1")).isEqualTo(H2Address.LOOPBACK);
        assertThat(H2Address.of("0.0.0.0")).isEqualTo(H2Address.EXPOSED);
        assertThat(H2Address.of("10.1.2.3")).isEqualTo(H2Address.EXPOSED);
        assertThat(H2Address.of(null)).isEqualTo(H2Address.EXPOSED);
    }

    @Test
    void pathThatWouldBeReadAsSettings_isRefused() {
        assertThatThrownBy(() -> StateStores.h2(dir.resolve("state;INIT=drop all objects")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /**
     * A storm of interrupts. Once in many runs H2 closes the file all the same and does not open it again while its own
     * server lives; the engine interrupts none of the threads that use the store.
     */
    @Tag("fault")
    @Test
    void interruptedLane_doesNotCloseTheFileForOthers() throws InterruptedException {
        int count = 400;
        try (StateStore store = StateStores.h2(dir.resolve("state"))) {
            store.create(run("r1"), instances(0, 2 * count, InstanceState.READY));
            AtomicBoolean done = new AtomicBoolean();
            Thread lane = new Thread(() -> {
                try {
                    IntStream.range(0, count).forEach(each -> claimAndSucceed(store, each));
                } finally {
                    done.set(true);
                }
            });
            lane.start();
            for (int each = count; each < 2 * count; each++) {
                lane.interrupt();
                claimAndSucceed(store, each);
            }
            while (!done.get()) {
                lane.interrupt();
            }
            lane.join();
            assertThat(store.counts("r1")).containsExactly(new TaskCount(0, InstanceState.SUCCEEDED, 2 * count));
        }
    }

    private static void claimAndSucceed(StateStore store, int position) {
        store.succeed(store.claim(key("r1", 0, position), 1, ENGINE, NOW).orElseThrow(), List.of(), NOW);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:" + dir.resolve("state"), "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
