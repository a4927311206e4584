package dev.backstitch.state.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The addresses on which a process of this machine listens, as Linux tells them. */
final class ListeningSockets {

    private static final String LISTEN = "0A";

    private ListeningSockets() {}

    /** "127.0.0.1" for loopback in either protocol, "any" for all interfaces, else the kernel's hexadecimal form. */
    static List<String> of(long pid) throws IOException {
        Set<String> inodes = socketsOf(pid);
        List<String> addresses = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
                String[] fields = line.trim().split(" +");
                if (fields[3].equals(LISTEN) && inodes.contains("socket:[" + fields[9] + "]")) {
                    addresses.add(readable(fields[1].substring(0, fields[1].indexOf(':'))));
                }
            }
        }
        return addresses;
    }

    private static Set<String> socketsOf(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    inodes.add(Files.readSymbolicLink(descriptor).toString());
                } catch (NoSuchFileException e) {
                    // Closed since it was listed.
                    continue;
                }
            }
        }
        return inodes;
    }

    private static String readable(String hexadecimal) {
        return switch (hexadecimal) {
            case "0100007F", "0000000000000000FFFF00000100007F" -> "127.0.0.1";
            case "00000000", "00000000000000000000000000000000" -> "any";
            default -> hexadecimal;
        };
    }
}
