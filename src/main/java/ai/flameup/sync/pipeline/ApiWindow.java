package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.header.RateLimit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The API's own window, as far as its answers report it. For one thread. */
final class ApiWindow extends RateWindow {
    /**
     * So many requests in each window.
     *
     * @param window in whole seconds
     */
    record Allowance(long requests, Duration window) {}

    private static final long MAX_LENGTH = 3_600_000;
    /** A clock that moves by more was set. */
    private static final long CLOCK_STEP = 2_000;

    private static final long RETRY_AFTER = 1_000;

    /** The API's clock minus ours, in milliseconds. It reports whole seconds, so the largest value is the most exact. */
    private long offset = Long.MIN_VALUE;

    private long resetsAt;
    /** Whether the window has ended, and one request finds out what the next one holds. */
    private boolean probing;
    /** What was left at the end of the last reported window. */
    private long leftAtEnd;

    private long endedAt;

    private int unanswered;
    /** Whether a window was seen from its start, so that its length is certain. */
    private boolean seenWhole;

    @Override
    void renew(long now) {
        if (isKnown && !probing && now >= resetAt) {
            probing = true;
            leftAtEnd = left;
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

    void answered(@Nullable RateLimit quota, long now) {
        unanswered = Math.max(0, unanswered - 1);
        if (quota == null) {
            return;
        }
        long sample = quota.serverTime() * 1_000 - now;
        offset = offset == Long.MIN_VALUE || sample > offset || sample < offset - CLOCK_STEP ? sample : offset;
        long ends = quota.resetsAt() * 1_000 - offset;
        boolean older =
                isKnown && (probing ? ends <= now && quota.resetsAt() <= resetsAt : quota.resetsAt() < resetsAt);
        if (older) {
            // A late answer from a window that has ended.
            return;
        }
        boolean another = !isKnown || probing || quota.resetsAt() != resetsAt || quota.limit() != limit;
        long free = quota.remaining() - unanswered;
        left = another ? free : Math.min(left, quota.remaining());
        limit = Math.max(1, quota.limit());
        seenWhole |= isKnown && quota.resetsAt() != resetsAt;
        resetsAt = quota.resetsAt();
        resetAt = Math.max(ends, now + 1);
        length = Math.min(MAX_LENGTH, Math.max(another && !isKnown ? 1 : length, resetAt - now));
        isKnown = true;
        probing = false;
    }

    /** A request was refused because the budget is spent. */
    void spent(long now) {
        if (isKnown) {
            left = 0;
            // If the next window was expected and has not started, its start is near.
            resetAt = probing ? now + RETRY_AFTER : Math.max(resetAt, now + RETRY_AFTER);
            probing = false;
        }
    }

    /** Returns the window that was reported last, although it may have ended: the next one is unknown until an answer. */
    DeliveryGauges.BudgetLeft remaining(long now) {
        return new DeliveryGauges.BudgetLeft(
                limit, Math.max(0, probing ? leftAtEnd : left), Duration.ofMillis((probing ? endedAt : resetAt) - now));
    }

    /** An answer reported no budget: there is none any more. */
    void unreported() {
        isKnown = false;
        probing = false;
    }

    /** Returns the requests in each window, once one was seen from its start; null before. */
    @Nullable
    Allowance allowance() {
        return isKnown && seenWhole ? new Allowance(limit, Duration.ofSeconds((length + 999) / 1_000)) : null;
    }
}
