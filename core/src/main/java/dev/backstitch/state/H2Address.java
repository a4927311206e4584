package dev.backstitch.state;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.h2.engine.SysProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where H2's server listens: only on this host. H2 reads the setting once, when its classes load, and listens on every
 * interface without it.
 */
enum H2Address {
    /** It listens on the loopback address: other processes of this host may share a file. */
    LOOPBACK,
    /** It would listen on an address that others reach: files are opened without the server. */
    EXPOSED;

    private static final Logger LOG = LoggerFactory.getLogger(H2Address.class);
    private static final String PROPERTY = "h2.bindAddress";

    /** Sets the loopback address unless the host has set or loaded another. */
    static H2Address settle() {
        if (System.getProperty(PROPERTY) == null) {
            System.setProperty(PROPERTY, "127.0.0.1");
        }
        // Loads H2's settings, if nobody has yet.
        return of(SysProperties.BIND_ADDRESS);
    }

    static H2Address of(@Nullable String address) {
        if (address != null && isLoopback(address)) {
            return LOOPBACK;
        }
        LOG.warn(
                "H2 was loaded or configured with {}={} before Backstitch: its server would be reachable from other"
                        + " hosts. The state store opens without it, so status, pause and cancel from a second process"
                        + " fail while this one runs. Set -D{}=127.0.0.1 when the JVM starts.",
                PROPERTY,
                address,
                PROPERTY);
        return EXPOSED;
    }

    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
