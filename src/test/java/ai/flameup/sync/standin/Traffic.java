package ai.flameup.sync.standin;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts requests: the arrived ones, and the maximum in flight. Thread-safe. */
final class Traffic {
    private final AtomicLong requests = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger max = new AtomicInteger();

    /** Counts a request, and returns its number, from 1. */
    long arrived() {
        int now = inFlight.incrementAndGet();
        if (now > max.get()) {
            max.accumulateAndGet(now, Math::max);
        }
        return requests.incrementAndGet();
    }

    void left(int count) {
        inFlight.addAndGet(-count);
    }

    long requests() {
        return requests.get();
    }

    int max() {
        return max.get();
    }
}
