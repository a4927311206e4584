package dev.backstitch.connector.postgresql.probe;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy that cuts the connection at the first message from the client which holds a given text: before the
 * server gets it (the request is lost), or when the server has answered it and before the client learns so (the
 * acknowledgement is lost). The text is matched within one read, which suits statements of a packet's size.
 */
public final class CutProxy implements Closeable {

    public enum Cut {
        BEFORE_THE_REQUEST,
        BEFORE_THE_ACKNOWLEDGEMENT
    }

    private final ServerSocket listener;
    private final int serverPort;
    private final byte[] trigger;
    private final Cut cut;
    private final CountDownLatch fired = new CountDownLatch(1);
    private volatile boolean armed;

    public CutProxy(int serverPort, String trigger, Cut cut) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.serverPort = serverPort;
        this.trigger = trigger.getBytes(StandardCharsets.UTF_8);
        this.cut = cut;
        daemon(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on the text cuts; before, everything passes. */
    public void arm() {
        armed = true;
    }

    /** Whether the connection has been cut, waiting a little for it. */
    public boolean hasFired() throws InterruptedException {
        return fired.await(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                Line line = new Line(client, server);
                daemon(line::toServer);
                daemon(line::toClient);
            }
        } catch (IOException closed) {
            // The listener was closed; that is how the proxy ends.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "cut-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private final class Line {
        private final Socket client;
        private final Socket server;
        private volatile boolean swallowing;

        private Line(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        private void toServer() {
            try (InputStream in = client.getInputStream()) {
                OutputStream out = server.getOutputStream();
                byte[] buffer = new byte[8192];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (armed && holdsTrigger(buffer, n)) {
                        armed = false;
                        if (cut == Cut.BEFORE_THE_REQUEST) {
                            cutBothWays();
                            return;
                        }
                        swallowing = true;
                    }
                    out.write(buffer, 0, n);
                    out.flush();
                }
                server.shutdownOutput();
            } catch (IOException ended) {
                closeBoth();
            }
        }

        private void toClient() {
            try (InputStream in = server.getInputStream()) {
                OutputStream out = client.getOutputStream();
                byte[] buffer = new byte[8192];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (swallowing) {
                        // The server has answered, so it has done what it was asked.
                        cutBothWays();
                        return;
                    }
                    out.write(buffer, 0, n);
                    out.flush();
                }
                client.shutdownOutput();
            } catch (IOException ended) {
                closeBoth();
            }
        }

        private void cutBothWays() {
            closeBoth();
            fired.countDown();
        }

        private void closeBoth() {
            try (client;
                    server) {
                // Both are closed on leaving, the second one even if the first one objects.
            } catch (IOException alreadyClosed) {
                // Both ends are gone, which is what was wanted.
            }
        }

        private boolean holdsTrigger(byte[] buffer, int length) {
            return new String(buffer, 0, length, StandardCharsets.ISO_8859_1)
                    .contains(new String(trigger, StandardCharsets.ISO_8859_1));
        }
    }
}
