package ai.flameup.sync.demo;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts requests: those that arrived, and the most that were held at once. Safe for use by many threads. */
final class Traffic {
    private final AtomicLong requests = new AtomicLong();
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** The request's number, from 1. */
    long arrived() {
        int now = held.incrementAndGet();
        if (now > most.get()) {
            most.accumulateAndGet(now, Math::max);
        }
        return requests.incrementAndGet();
    }

    void left(int count) {
        held.addAndGet(-count);
    }

    long requests() {
        return requests.get();
    }

    int most() {
        return most.get();
    }
}
