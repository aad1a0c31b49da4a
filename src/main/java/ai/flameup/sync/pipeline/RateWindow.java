package ai.flameup.sync.pipeline;

/**
 * A number of requests for a stretch of time, spent along a line that falls evenly to its end. Rows stay on the line; live
 * changes may run ahead of it by half. After that, requests are spaced evenly. For one thread; times are milliseconds of one
 * monotonic clock.
 */
abstract class RateWindow {
    /** Whether there is such a limit at all. */
    boolean isKnown;

    long limit;
    long left;
    long resetAt;
    long length = 1;
    private long lastSent = Long.MIN_VALUE / 2;

    /** Starts the next window if this one has ended. */
    abstract void renew(long now);

    /** Returns what would be left at this time if the window were spent evenly. */
    private double line(long now) {
        return (double) limit * Math.max(0, resetAt - now) / length;
    }

    private double floor(boolean live, long now) {
        return live ? line(now) / 2 : line(now);
    }

    /** Returns when a request may be sent, if nothing else happens. */
    long nextAt(boolean live, long now) {
        renew(now);
        if (left <= 0) {
            return resetAt;
        }
        if (left >= floor(live, now)) {
            return now;
        }
        long onTheLine = resetAt - (long) ((double) left * (live ? 2 : 1) * length / limit);
        long spaced = lastSent + (resetAt - Math.min(now, resetAt)) / left;
        return Math.max(now, Math.min(onTheLine, spaced));
    }

    /** Returns how long it takes to send so many requests, in milliseconds. */
    long millisFor(int requests) {
        return (long) ((double) requests * length / limit);
    }

    /** Whether single upserts are enough for so many waiting persons. */
    boolean keepsUpWith(int waiting, long now) {
        renew(now);
        return waiting <= Math.max(1, left - floor(true, now));
    }

    void sent(long now) {
        renew(now);
        left--;
        lastSent = now;
    }
}
