package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.tck.PublishingConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("emulator")
@ExtendWith(EmulatorGaps.class)
class SnowflakePublishingContractTest extends PublishingConnectorContract {
    @Override
    protected Warehouse warehouse() {
        return new EmulatedWarehouse();
    }
}
