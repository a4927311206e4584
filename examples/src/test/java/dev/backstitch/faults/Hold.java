package dev.backstitch.faults;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** Keeps one call, the first that matches, before it is sent, until it is released. All others pass. */
final class Hold implements Policy {
    private final Predicate<Call> matching;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile Call held;

    Hold(Predicate<Call> matching) {
        this.matching = matching;
    }

    @Override
    public Object on(Call call, Sending sending) throws SQLException {
        if (!matching.test(call) || !taken.compareAndSet(false, true)) {
            return sending.send();
        }
        keep(call);
        return sending.send();
    }

    private void keep(Call call) {
        held = call;
        reached.countDown();
        awaitUninterruptibly();
    }

    /** The thread that is held is as good as suspended: an interrupt doesn't wake it. */
    private void awaitUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                released.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until a call is held, and returns it. */
    Call awaitReached(Duration atMost) throws InterruptedException {
        if (!reached.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no call was held within " + atMost);
        }
        return held;
    }

    boolean isReached() {
        return reached.getCount() == 0;
    }

    void release() {
        released.countDown();
    }
}
