package ai.flameup.sync.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many requests the API takes in a window of time, all calls together. A window opens with the first request after
 * the one before has ended; one of whole seconds is shortened by less than a second, so that it ends on a whole second
 * of the API's clock, as it is said to. A request that is refused does not count. Safe for use by many threads.
 */
final class Budget {
    private static final long SECOND = 1000;

    /**
     * What a request got.
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
    /** When the open window ends, in milliseconds of our own clock. */
    private long end;

    private int used;
    private long refused;

    Budget(ApiClock clock) {
        this.clock = clock;
    }

    /** The limit holds at once, the length from the next window on. */
    synchronized void set(int requests, Duration window) {
        if (requests < 0 || window.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "a budget is of 0 requests or more in 1 ms or more, not " + requests + " in " + window);
        }
        limit = requests;
        length = window.toMillis();
        unlimited = false;
    }

    synchronized void none() {
        unlimited = true;
        shut();
    }

    /** Counts a request, or refuses it; null where there is no budget. */
    @Nullable
    Share take() {
        return unlimited ? null : takeOne();
    }

    private synchronized Share takeOne() {
        long now = clock.ours();
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

    /** The requests that each window took so far, the last one of which may be open. */
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
