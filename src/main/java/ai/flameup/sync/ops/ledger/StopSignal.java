package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ends a comparison early. Thread-safe. */
final class StopSignal {
    private final CountDownLatch latch = new CountDownLatch(1);

    void set() {
        latch.countDown();
    }

    /**
     * Returns unless the signal is set.
     *
     * @throws Fault 75 if it is set
     */
    void requireUnset() {
        if (latch.getCount() == 0) {
            throw new Fault(ExitCode.TRY_LATER, "interrupted; nothing was changed");
        }
    }

    /**
     * Waits.
     *
     * @param millis returns at once if it is 0 or less
     * @throws Fault 75 as soon as the signal is set
     */
    void await(long millis) throws InterruptedException {
        boolean unused = latch.await(millis, TimeUnit.MILLISECONDS);
        requireUnset();
    }
}
