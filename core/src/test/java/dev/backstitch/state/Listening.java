package dev.backstitch.state;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The addresses on which a process accepts TCP connections, as Linux tells. */
final class Listening {
    private static final String LISTEN = "0A";

    private Listening() {}

    static List<InetAddress> addresses(long pid) throws IOException {
        Set<String> sockets = sockets(pid);
        List<InetAddress> addresses = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            List<String> lines = Files.readAllLines(Path.of("/proc", "" + pid, "net", table));
            for (String line : lines.subList(1, lines.size())) {
                String[] columns = line.trim().split("\\s+");
                if (columns[3].equals(LISTEN) && sockets.contains("socket:[" + columns[9] + "]")) {
                    addresses.add(address(columns[1].split(":")[0]));
                }
            }
        }
        return addresses;
    }

    private static Set<String> sockets(long pid) throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc", "" + pid, "fd"))) {
            for (Path file : files.toList()) {
                try {
                    sockets.add(Files.readSymbolicLink(file).toString());
                } catch (IOException e) {
                    // Closed since it was listed.
                    continue;
                }
            }
        }
        return sockets;
    }

    /** Each group of eight digits is a word in the machine's order. */
    private static InetAddress address(String hexadecimal) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(hexadecimal.length() / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < hexadecimal.length(); at += 8) {
            bytes.putInt(Integer.parseUnsignedInt(hexadecimal.substring(at, at + 8), 16));
        }
        return InetAddress.getByAddress(bytes.array());
    }
}
