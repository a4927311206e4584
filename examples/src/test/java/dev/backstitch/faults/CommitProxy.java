package dev.backstitch.faults;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Stands between a driver and PostgreSQL, message by message, and cuts connections at {@code COMMIT}: before the request has
 * reached the server, or after the server has committed and before its answer has reached the client. It knows the protocol
 * well enough to prove which of both happened. It can also be away for a while. Thread-safe.
 */
final class CommitProxy implements Closeable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    private static final String COMMIT = "COMMIT";

    private final ServerSocket listener;
    private final int serverPort;
    private final Random random;
    private final Set<Socket> sockets = new HashSet<>();
    private double share;
    private int requestsLeft;
    private int answersLeft;
    private int requestsLost;
    private int answersLost;
    private boolean away;

    CommitProxy(int serverPort, long seed) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.serverPort = serverPort;
        this.random = new Random(seed);
        daemon(this::accept);
    }

    /** The URL of the same database through this proxy. */
    String through(String url) {
        return url.replaceFirst("localhost:\\d+", "127.0.0.1:" + listener.getLocalPort())
                + (url.contains("?") ? "&" : "?") + "sslmode=disable&gssEncMode=disable";
    }

    /** From now on cuts this share of commits, until it has cut so many of each kind. */
    synchronized void cut(double shareOfCommits, int ofEachKind) {
        share = shareOfCommits;
        requestsLeft = ofEachKind;
        answersLeft = ofEachKind;
    }

    /** Commits that never reached the server. */
    synchronized int requestsLost() {
        return requestsLost;
    }

    /** Commits that the server said it had done, which the client never heard. */
    synchronized int answersLost() {
        return answersLost;
    }

    /** Whether all that were to be cut have been. */
    synchronized boolean isDone() {
        return requestsLeft == 0 && answersLeft == 0;
    }

    /** Cuts every connection, and refuses new ones until it is back. */
    void leave() {
        Set<Socket> open;
        synchronized (this) {
            away = true;
            open = Set.copyOf(sockets);
        }
        open.forEach(CommitProxy::close);
    }

    synchronized void comeBack() {
        away = false;
    }

    private enum Cut {
        REQUEST,
        ANSWER
    }

    private synchronized Optional<Cut> choose() {
        if (random.nextDouble() >= share || isDone()) {
            return Optional.empty();
        }
        boolean request = answersLeft == 0 || (requestsLeft > 0 && random.nextBoolean());
        if (request) {
            requestsLeft--;
        } else {
            answersLeft--;
        }
        return Optional.of(request ? Cut.REQUEST : Cut.ANSWER);
    }

    private synchronized void count(Cut cut) {
        if (cut == Cut.REQUEST) {
            requestsLost++;
        } else {
            answersLost++;
        }
    }

    /** The server rolled back, or the connection ended otherwise: nothing was proved, so that another one is cut. */
    private synchronized void chooseAgain() {
        answersLeft++;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        leave();
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                Socket client = listener.accept();
                if (!takes(client)) {
                    close(client);
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                if (takes(server)) {
                    Line line = new Line(client, server);
                    daemon(line::toServer);
                    daemon(line::toClient);
                } else {
                    close(client);
                    close(server);
                }
            }
        } catch (IOException closed) {
            // The listener was closed; that is how the proxy ends.
        }
    }

    private synchronized boolean takes(Socket socket) {
        return !away && sockets.add(socket);
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "commit-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
        }
    }

    /** One connection, in both directions. */
    private final class Line {
        private final Socket client;
        private final Socket server;
        private final Map<String, String> statements = new HashMap<>();
        private volatile boolean swallows;

        Line(Socket client, Socket server) throws IOException {
            // Message by message, each in a packet of its own that must not wait for the answer to the one before.
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            this.client = client;
            this.server = server;
        }

        private void toServer() {
            try {
                DataInputStream in = new DataInputStream(client.getInputStream());
                OutputStream out = server.getOutputStream();
                startUp(in, out);
                while (true) {
                    Message message = Message.read(in);
                    if (isCommit(message) && !swallows) {
                        Optional<Cut> cut = choose();
                        if (cut.equals(Optional.of(Cut.REQUEST))) {
                            end();
                            count(Cut.REQUEST);
                            return;
                        }
                        swallows = cut.isPresent();
                    }
                    out.write(message.bytes());
                    out.flush();
                }
            } catch (IOException ended) {
                end();
            }
        }

        /** Messages without a type: an encryption that is asked for and refused, then the start itself. */
        private void startUp(DataInputStream in, OutputStream out) throws IOException {
            while (true) {
                int length = in.readInt();
                byte[] rest = in.readNBytes(length - Integer.BYTES);
                out.write(ByteBuffer.allocate(length).putInt(length).put(rest).array());
                out.flush();
                int code = ByteBuffer.wrap(rest).getInt();
                if (code != SSL_REQUEST && code != GSS_REQUEST) {
                    return;
                }
            }
        }

        private boolean isCommit(Message message) {
            switch (message.type()) {
                case 'Q' -> {
                    return message.text(0).strip().toUpperCase(Locale.ROOT).equals(COMMIT);
                }
                case 'P' ->
                    statements.put(message.text(0), message.text(1).strip().toUpperCase(Locale.ROOT));
                case 'B' -> {
                    return COMMIT.equals(statements.get(message.text(1)));
                }
                default -> {}
            }
            return false;
        }

        private void toClient() {
            try {
                DataInputStream in = new DataInputStream(server.getInputStream());
                OutputStream out = client.getOutputStream();
                while (true) {
                    Message message = Message.read(in);
                    if (swallows) {
                        if (message.type() == 'C' && message.text(0).equals(COMMIT)) {
                            end();
                            count(Cut.ANSWER);
                            return;
                        }
                        if (message.type() == 'Z' || message.type() == 'E') {
                            chooseAgain();
                            swallows = false;
                        } else {
                            // Until the answer is known, none of it is passed on.
                            continue;
                        }
                    }
                    out.write(message.bytes());
                    out.flush();
                }
            } catch (IOException ended) {
                if (swallows) {
                    chooseAgain();
                }
                end();
            }
        }

        private void end() {
            CommitProxy.close(client);
            CommitProxy.close(server);
            synchronized (CommitProxy.this) {
                sockets.remove(client);
                sockets.remove(server);
            }
        }
    }

    /** A message with its type. */
    private record Message(char type, byte[] body) {
        static Message read(DataInputStream in) throws IOException {
            int type = in.read();
            if (type < 0) {
                throw new EOFException();
            }
            return new Message((char) type, in.readNBytes(in.readInt() - Integer.BYTES));
        }

        /** The text at this place of those that end with a zero, from the beginning on. */
        String text(int place) {
            int from = 0;
            for (int i = 0; i < place; i++) {
                from = end(from) + 1;
            }
            return new String(body, from, end(from) - from, StandardCharsets.UTF_8);
        }

        private int end(int from) {
            int end = from;
            while (body[end] != 0) {
                end++;
            }
            return end;
        }

        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(type);
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(body.length + Integer.BYTES)
                    .array());
            bytes.writeBytes(body);
            return bytes.toByteArray();
        }
    }
}
