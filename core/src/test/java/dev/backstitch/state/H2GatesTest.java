package dev.backstitch.state;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2GatesTest extends GatesContract {
    @TempDir
    Path dir;

    @Override
    protected StateStore open() {
        return StateStores.h2(dir.resolve("state"));
    }
}
