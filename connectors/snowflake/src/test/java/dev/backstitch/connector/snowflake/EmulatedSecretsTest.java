package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What proves who a user is stands in no log and no message, however much the driver tells. */
@Tag("emulator")
@ExtendWith(EmulatorGaps.class)
class EmulatedSecretsTest {
    private static final String SECRET = "correct-horse-battery-staple";

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Logger driver = Logger.getLogger("net.snowflake");
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord record) {
            told.add(new SimpleFormatter().format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        listener.setLevel(Level.ALL);
        driver.setLevel(Level.ALL);
        driver.setUseParentHandlers(false);
        driver.addHandler(listener);
    }

    @AfterEach
    void stopListening() {
        driver.removeHandler(listener);
        driver.setUseParentHandlers(true);
        driver.setLevel(null);
    }

    private static Properties briefly() {
        Properties properties = new Properties();
        properties.setProperty("user", "fake");
        properties.setProperty("ssl", "off");
        properties.setProperty("account", "fakesnow");
        properties.setProperty("maxHttpRetries", "1");
        properties.setProperty("loginTimeout", "5");
        return properties;
    }

    @Test
    void aPassword_isToldToNobody() throws Exception {
        SnowflakeLogins logins = Emulator.get().logins(Emulator.newDatabase()).password(SECRET);
        try (Connector connector = Snowflake.on(logins).open()) {
            assertThat(connector.catalog().table(TableName.parse("app.nothing")))
                    .isEmpty();
        }
        SnowflakeLogins nowhere =
                SnowflakeLogins.to("jdbc:snowflake://127.0.0.1:1/", briefly()).password(SECRET);
        Throwable refused = catchThrowable(() -> Snowflake.on(nowhere).open());

        assertThat(refused).isInstanceOf(BackstitchException.class);
        StringWriter trace = new StringWriter();
        refused.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(SECRET);
        assertThat(logins.toString()).doesNotContain(SECRET);
        assertThat(told).as("that the driver said anything").isNotEmpty();
        assertThat(told).noneMatch(line -> line.contains(SECRET));
    }
}
