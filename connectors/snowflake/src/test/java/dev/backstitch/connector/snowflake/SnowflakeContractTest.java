package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("emulator")
@ExtendWith(EmulatorGaps.class)
class SnowflakeContractTest extends ConnectorContract {
    @Override
    protected Warehouse warehouse() {
        return new EmulatedWarehouse();
    }
}
