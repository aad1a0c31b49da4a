package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.header.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be sent: by the window that the API's answers report, and by a ceiling of our own. So a window is
 * used to its end, and a change never waits for a whole window. For one thread; times are milliseconds of one monotonic
 * clock.
 */
final class Budget {
    private final Ceiling ceiling;
    private final ApiWindow api = new ApiWindow();

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

    /** Returns when a request may be sent, if nothing else happens; {@link Long#MAX_VALUE} if an answer has to come first. */
    long nextAt(boolean live, long now) {
        long at = api.isKnown ? api.nextAt(live, now) : now;
        return ceiling.isKnown ? Math.max(at, ceiling.nextAt(live, now)) : at;
    }

    /** Whether our own ceiling, not the API's window, decides {@link #nextAt}. */
    boolean isOwnLimit(boolean live, long now) {
        return ceiling.isKnown && ceiling.nextAt(live, now) > (api.isKnown ? api.nextAt(live, now) : now);
    }

    /** Whether single upserts are enough for so many waiting persons. */
    boolean keepsUpWith(int waiting, long now) {
        return (!api.isKnown || api.keepsUpWith(waiting, now))
                && (!ceiling.isKnown || ceiling.keepsUpWith(waiting, now));
    }

    /** Returns how long the windows need for so many requests, in milliseconds; 0 if there is no limit. */
    long millisFor(int requests) {
        return Math.max(api.isKnown ? api.millisFor(requests) : 0, ceiling.isKnown ? ceiling.millisFor(requests) : 0);
    }

    void sent(long now) {
        if (api.isKnown) {
            api.sent(now);
        }
        if (ceiling.isKnown) {
            ceiling.sent(now);
        }
    }

    /**
     * A request ended.
     *
     * @param quota null if the answer reports no budget, or there was no answer
     */
    void answered(@Nullable RateLimit quota, long now) {
        api.answered(quota, now);
    }

    /** A request was refused because the budget is spent. */
    void spent(long now) {
        api.spent(now);
    }

    /** The API accepted a request and reported no budget: it has none any more. */
    void unreported() {
        api.unreported();
    }

    /** Returns the API's allowance, once a window was seen from its start; null before. */
    ApiWindow.@Nullable Allowance allowance() {
        return api.allowance();
    }

    /** Whether the API has reported a budget. */
    boolean isReported() {
        return api.isKnown;
    }

    /** Returns what the API reported last; null if it has reported no budget. */
    DeliveryGauges.@Nullable BudgetLeft remaining(long now) {
        return api.isKnown ? api.remaining(now) : null;
    }

    /** Our own limit, in one minute after the other. */
    private static final class Ceiling extends RateWindow {
        private static final long MINUTE = 60_000;

        Ceiling(long limit) {
            this.limit = limit;
            this.left = limit;
            this.length = MINUTE;
            this.isKnown = limit != PipelineSettings.UNLIMITED;
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
}
