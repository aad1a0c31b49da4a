package ai.flameup.sync.standin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The API's limit on requests in a window of time, for all calls together. A window opens with the first request after the
 * previous window has ended. A window of whole seconds is shortened by less than a second, so that it ends on a whole
 * second of the API's clock, because X-RateLimit-Reset states whole seconds. Refused requests do not count. Thread-safe.
 */
final class RateLimit {
    private static final long SECOND = 1000;

    /**
     * The result for one request.
     *
     * @param remaining after this request
     * @param reset Unix seconds of the API's clock, rounded up
     * @param seconds until then, rounded up
     */
    record Share(boolean granted, int limit, int remaining, long reset, long seconds) {}

    private final ApiClock clock;
    private final List<Integer> closed = new ArrayList<>();
    private volatile boolean unlimited = true;
    private int limit;
    private long length;
    private boolean open;
    /** The end of the open window, in milliseconds of our own clock. */
    private long end;

    private int used;
    private long refused;

    RateLimit(ApiClock clock) {
        this.clock = clock;
    }

    /** Sets the limit, which applies at once, and the length, which applies from the next window. */
    synchronized void set(int requests, Duration window) {
        if (requests < 0 || window.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "a rate limit needs 0 requests or more and a window of 1 ms or more, not " + requests + " in "
                            + window);
        }
        limit = requests;
        length = window.toMillis();
        unlimited = false;
    }

    synchronized void none() {
        unlimited = true;
        shut();
    }

    /** Counts or refuses a request. Returns null if there is no limit. */
    @Nullable
    Share take() {
        return unlimited ? null : takeOne();
    }

    private synchronized Share takeOne() {
        long now = clock.own();
        if (open && now >= end) {
            shut();
        }
        if (!open) {
            open(now);
        }
        boolean granted = used < limit;
        if (granted) {
            used++;
        } else {
            refused++;
        }
        long reset = -Math.floorDiv(-(end + clock.offset()), SECOND);
        return new Share(granted, limit, Math.max(0, limit - used), reset, -Math.floorDiv(now - end, SECOND));
    }

    private void open(long now) {
        long begin = now + clock.offset();
        if (length % SECOND == 0) {
            begin -= Math.floorMod(begin, SECOND);
        }
        end = begin + length - clock.offset();
        used = 0;
        open = true;
    }

    private void shut() {
        if (open) {
            closed.add(used);
            open = false;
        }
    }

    /** Returns the granted requests of each window so far; the last window may be open. */
    synchronized List<Integer> windows() {
        List<Integer> all = new ArrayList<>(closed);
        if (open) {
            all.add(used);
        }
        return List.copyOf(all);
    }

    synchronized long refused() {
        return refused;
    }
}
