package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SnowflakeTest {
    private static final String SECRET = "correct-horse-battery-staple";

    @Test
    void whatIsSecret_isShownNowhere() {
        SnowflakeLogins logins = SnowflakeLogins.of("myorg-production", "BACKFILL", Snowflake.Session.DEFAULT)
                .password(SECRET)
                .token(SECRET)
                .key(Path.of("key.p8"), Optional.of(SECRET));

        assertThat(logins).hasToString("jdbc:snowflake://myorg-production.snowflakecomputing.com/");
        assertThat(Snowflake.account("myorg-production")
                        .user("BACKFILL")
                        .passwordFrom("NOT_SET")
                        .toString())
                .doesNotContain("BACKFILL", "NOT_SET");
    }

    @Test
    void anAccount_isNoUrl() {
        assertThatThrownBy(() -> Snowflake.account("https://myorg-production.snowflakecomputing.com"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("myorg-production");
        assertThatThrownBy(() -> Snowflake.account("myorg-production.snowflakecomputing.com"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Snowflake.account("evil/?x=1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCredentialThatIsNotThere_isNamed_andNothingIsConnected() {
        var user = Snowflake.account("myorg-production").user("BACKFILL");

        assertThatThrownBy(() -> user.passwordFrom("BACKSTITCH_NOT_SET").open())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("BACKSTITCH_NOT_SET");
        assertThatThrownBy(() -> user.keyFrom(Path.of("not-there.p8")).open())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not-there.p8");
    }

    @Test
    void theDriver_isBounded_andAsksNoMetadataAddresses() {
        assertThat(SnowflakeLogins.bounded())
                .containsEntry("disablePlatformDetection", "true")
                .containsEntry("CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED", "false")
                .containsKeys("maxHttpRetries", "retryTimeout", "loginTimeout", "HTTP_CLIENT_SOCKET_TIMEOUT");
    }
}
