package dev.backstitch.state;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Values that the tests of this package share. */
final class Fixtures {
    static final Instant NOW = Instant.parse("2001-01-02T03:04:05.678901Z");
    static final Duration LEASE = Duration.ofHours(1);
    static final Owner OWNER = new Owner("engine-1", "host-1", 11, NOW.minusSeconds(60));
    static final String ENGINE = OWNER.engine();
    static final Owner OTHER = new Owner("engine-2", "host-2", 22, NOW.minusSeconds(30));

    private Fixtures() {}

    static NewRun run(String id) {
        return run(id, NOW);
    }

    static NewRun run(String id, Instant createdAt) {
        return run(id, id.equals("r1") ? "margin" : "margin of " + id, createdAt);
    }

    static NewRun run(String id, String dag, Instant createdAt) {
        return new NewRun(id, dag, "ada", "{\"run\":\"" + id + "\"}", "sha-" + id, OWNER, LEASE, createdAt);
    }

    static List<NewInstance> instances(int task, int count, InstanceState state) {
        return IntStream.range(0, count)
                .mapToObj(position -> new NewInstance(task, position, "p" + position, state))
                .toList();
    }

    static InstanceKey key(String run, int task, int position) {
        return new InstanceKey(run, task, position);
    }
}
