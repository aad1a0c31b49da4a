package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.Quota;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be sent, and how they are spread: by what the API's answers say of its window, and by a ceiling
 * of our own. For one thread; times are milliseconds of one clock that only goes forward.
 *
 * <p>What is left of a window is spent along a line that falls evenly to its end. Rows of the fence keep to the line,
 * live changes may go ahead of it by half; behind that, requests are spaced evenly. So a window is spent to its end, and
 * a change never waits for the whole of it.
 */
final class Budget {
    private static final long MINUTE = 60_000;

    private final Ceiling ceiling;
    private final Told told = new Told();

    /**
     * @param ceiling requests a minute; {@link PipelineSettings#UNLIMITED} for none
     */
    Budget(long ceiling) {
        this.ceiling = new Ceiling(ceiling);
    }

    /** Whether a request may be sent now. */
    boolean allows(boolean live, long now) {
        return nextAt(live, now) <= now;
    }

    /** When a request may be sent, if nothing else happens; {@link Long#MAX_VALUE} if only an answer can tell. */
    long nextAt(boolean live, long now) {
        long at = told.known ? told.nextAt(live, now) : now;
        return ceiling.known ? Math.max(at, ceiling.nextAt(live, now)) : at;
    }

    /** Whether single upserts are enough for what is waiting. */
    boolean keepsUpWith(int waiting, long now) {
        return (!told.known || told.keepsUpWith(waiting, now)) && (!ceiling.known || ceiling.keepsUpWith(waiting, now));
    }

    void sent(long now) {
        if (told.known) {
            told.sent(now);
        }
        if (ceiling.known) {
            ceiling.sent(now);
        }
    }

    /**
     * @param quota null where the answer told of none, or there was no answer
     */
    void answered(@Nullable Quota quota, long now) {
        told.answered(quota, now);
    }

    /** A request was refused for want of budget. */
    void spent(long now) {
        told.spent(now);
    }

    /** The API answered and told of no budget: it has none any more. */
    void untold() {
        told.silent();
    }

    /** What the API gives in a window, once one has been seen from its beginning; null before that. */
    @Nullable
    Allowance allowance() {
        return told.known && told.seenWhole
                ? new Allowance(told.limit, Duration.ofSeconds((told.length + 999) / 1_000))
                : null;
    }

    /**
     * So many requests in each window.
     *
     * @param window in whole seconds
     */
    record Allowance(long requests, Duration window) {}

    /** What the API told last; null where it has told of no budget. */
    Gauges.@Nullable Left left(long now) {
        return told.known ? told.left(now) : null;
    }

    /** A number of requests for a stretch of time. */
    private abstract static class Window {
        boolean known;
        long limit;
        long left;
        long resetAt;
        long length = 1;
        private long lastSent = Long.MIN_VALUE / 2;

        /** What would be left at this time if the window were spent evenly. */
        private double line(long now) {
            return (double) limit * Math.max(0, resetAt - now) / length;
        }

        private double floor(boolean live, long now) {
            return live ? line(now) / 2 : line(now);
        }

        abstract void renew(long now);

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

    /** Our own, a minute after the other. */
    private static final class Ceiling extends Window {
        Ceiling(long limit) {
            this.limit = limit;
            this.left = limit;
            this.length = MINUTE;
            this.known = limit != PipelineSettings.UNLIMITED;
            this.resetAt = Long.MIN_VALUE;
        }

        @Override
        void renew(long now) {
            if (now >= resetAt) {
                left = limit;
                resetAt = now + MINUTE;
            }
        }
    }

    /** The API's, as far as it tells. */
    private static final class Told extends Window {
        private static final long MOST_LENGTH = 60 * MINUTE;
        /** A clock that has moved by more is another clock. */
        private static final long CLOCK_STEP = 2_000;

        private static final long AGAIN = 1_000;

        /** The API's clock less ours, in milliseconds; its seconds are whole, so the largest seen is the truest. */
        private long offset = Long.MIN_VALUE;

        private long resetsAt;
        /** The window has ended, and one request finds out what the next one holds. */
        private boolean probing;
        /** How the window before that one ended. */
        private long leftAtItsEnd;

        private long endedAt;

        private int unanswered;
        /** Whether a window has been seen from its beginning, and its length is known. */
        private boolean seenWhole;

        @Override
        void renew(long now) {
            if (known && !probing && now >= resetAt) {
                probing = true;
                leftAtItsEnd = left;
                endedAt = resetAt;
                left = 1;
                resetAt = now + length;
                unanswered = 0;
            }
        }

        @Override
        long nextAt(boolean live, long now) {
            renew(now);
            if (probing) {
                return unanswered == 0 ? now : Long.MAX_VALUE;
            }
            return super.nextAt(live, now);
        }

        @Override
        void sent(long now) {
            super.sent(now);
            unanswered++;
        }

        void answered(@Nullable Quota quota, long now) {
            unanswered = Math.max(0, unanswered - 1);
            if (quota == null) {
                return;
            }
            long sample = quota.serverTime() * 1_000 - now;
            offset = offset == Long.MIN_VALUE || sample > offset || sample < offset - CLOCK_STEP ? sample : offset;
            long ends = quota.resetsAt() * 1_000 - offset;
            boolean older =
                    known && (probing ? ends <= now && quota.resetsAt() <= resetsAt : quota.resetsAt() < resetsAt);
            if (older) {
                // A late word of a window that has ended.
                return;
            }
            boolean another = !known || probing || quota.resetsAt() != resetsAt || quota.limit() != limit;
            long free = quota.remaining() - unanswered;
            left = another ? free : Math.min(left, quota.remaining());
            limit = Math.max(1, quota.limit());
            seenWhole |= known && quota.resetsAt() != resetsAt;
            resetsAt = quota.resetsAt();
            resetAt = Math.max(ends, now + 1);
            length = Math.min(MOST_LENGTH, Math.max(another && !known ? 1 : length, resetAt - now));
            known = true;
            probing = false;
        }

        void spent(long now) {
            if (known) {
                left = 0;
                // Where the next window was expected and has not come, its end is not far.
                resetAt = Math.max(probing ? 0 : resetAt, now + AGAIN);
                probing = false;
            }
        }

        /** Of the window that was told last, though it may have ended: what the next one holds nobody knows. */
        Gauges.Left left(long now) {
            return new Gauges.Left(
                    limit,
                    Math.max(0, probing ? leftAtItsEnd : left),
                    Duration.ofMillis((probing ? endedAt : resetAt) - now));
        }

        void silent() {
            known = false;
            probing = false;
        }
    }
}
