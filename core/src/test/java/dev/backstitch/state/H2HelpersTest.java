package dev.backstitch.state;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2HelpersTest extends HelpersContract {
    @TempDir
    Path dir;

    @Override
    protected StateStore open() {
        return StateStores.h2(dir.resolve("state"));
    }
}
