package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A process that acts for runs. Host, process id and start time together tell whether it still lives, to whoever is on
 * the same host.
 *
 * @param engine a random id, another one for each engine in a process
 * @param host the host's name
 * @param pid its process id there
 * @param processStart when that process began
 */
public record Owner(String engine, String host, long pid, Instant processStart) {
    public Owner {
        requireNonNull(engine, "engine");
        requireNonNull(host, "host");
        requireNonNull(processStart, "processStart");
    }

    @Override
    public String toString() {
        return "process " + pid + " on " + host;
    }
}
