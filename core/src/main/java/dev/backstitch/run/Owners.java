package dev.backstitch.run;

import dev.backstitch.state.Owner;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Which process this is, and whether another one still lives. */
public final class Owners {
    private Owners() {}

    /** A new engine in this process. */
    static Owner here() {
        ProcessHandle self = ProcessHandle.current();
        return new Owner(UUID.randomUUID().toString(), host(), self.pid(), start(self));
    }

    /**
     * Whether an owner has surely ended: it was on this host, and its process id is free or was given to a process that
     * began at another time. Owners on other hosts are never sure; their lease decides.
     */
    public static boolean isSurelyDead(Owner owner) {
        if (!owner.host().equals(host())) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(owner.pid());
        return process.isEmpty()
                || !process.get().isAlive()
                || !start(process.get()).equals(owner.processStart());
    }

    private static Instant start(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
