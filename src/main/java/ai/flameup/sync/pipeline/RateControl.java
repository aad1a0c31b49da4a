package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When the next request may be sent: joins the concurrency ({@link Throttle}), the {@link Budget} and the pauses that the
 * API asks for. For one thread.
 */
final class RateControl {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final Throttle throttle;
    private final Budget budget;
    private final Backoff backoff;
    private final List<Action> actions;

    private long pausedUntil = Long.MIN_VALUE;
    private DeliveryGauges.PauseCause pauseCause = DeliveryGauges.PauseCause.REQUESTED;
    /** Pauses in a row whose length the API has not said. */
    private int openPauses;
    /** Whether requests were refused for a budget that the API does not report. */
    private boolean isBudgetHidden;

    private ApiWindow.@Nullable Allowance storedAllowance;
    private boolean isUnreadableReported;

    RateControl(PipelineSettings settings, RandomGenerator random, List<Action> actions) {
        this.backoff = new Backoff(random);
        this.throttle = new Throttle(settings.maxInFlight(), backoff);
        this.budget = new Budget(settings.maxRequestsPerMinute());
        this.actions = actions;
    }

    // ---- What answers change

    /** A request ended: takes what the answer reports of the budget. */
    void ended(Response answer, long now) {
        budget.answered(answer.quota(), now);
        ApiWindow.Allowance allowance = budget.allowance();
        if (allowance != null && !allowance.equals(storedAllowance)) {
            storedAllowance = allowance;
            actions.add(new Action.StoreBudget(allowance.requests(), allowance.window()));
        }
        String headers = answer.unreadQuota();
        if (headers != null && !isUnreadableReported) {
            isUnreadableReported = true;
            actions.add(new Action.ReportUnreadableBudget(headers));
        }
    }

    /** The API accepted or refused what was sent. */
    void answered(Response answer) {
        openPauses = 0;
        if (throttle.answered()) {
            actions.add(Action.REPORT_RECOVERY);
        }
        if (answer.outcome() instanceof Outcome.Accepted) {
            if (answer.quota() == null) {
                budget.unreported();
            }
            throttle.accepted();
        }
    }

    /** Takes the pause that a failure asks for; it concerns every request of the key. */
    void pauseFor(Outcome.Failed failed, long now) {
        if (failed.retryAfter() != null) {
            pause(
                    now + failed.retryAfter().toMillis(),
                    isBudgetSpent(failed) ? DeliveryGauges.PauseCause.BUDGET : DeliveryGauges.PauseCause.REQUESTED);
        }
    }

    static boolean isBudgetSpent(Outcome.Failed failed) {
        return failed.status() == TOO_MANY_REQUESTS;
    }

    /** A request was refused because the budget is spent. */
    void budgetSpent(Outcome.Failed failed, long now) {
        budget.spent(now);
        if (!budget.isReported()) {
            isBudgetHidden = true;
            throttle.narrow();
            if (failed.retryAfter() == null) {
                pause(now + backoff.millis(++openPauses), DeliveryGauges.PauseCause.BUDGET);
            }
        }
    }

    private void pause(long until, DeliveryGauges.PauseCause cause) {
        if (until > pausedUntil) {
            pausedUntil = until;
            pauseCause = cause;
        }
        throttle.sendOneFirst();
    }

    /** A request failed for another reason. */
    void failed(Outcome.Failed failed, long sentAt, long now) {
        boolean isOverloaded = failed.status() == UNAVAILABLE || failed.timedOut();
        if (throttle.failed(isOverloaded, sentAt, now)) {
            actions.add(new Action.ReportOutage(failed.status(), failed.reason()));
        }
    }

    boolean isOutage() {
        return throttle.isOutage();
    }

    /** Returns how long it takes until the next probe of an outage, in milliseconds. */
    long untilProbe(long now) {
        return Math.max(0, throttle.notBefore() - now);
    }

    /** Returns how long a person rests after so many attempts, in milliseconds. */
    long rest(int attempts) {
        return backoff.millis(attempts);
    }

    /** Returns how long the budget needs for so many requests, in milliseconds; 0 if it is not known. */
    long millisFor(int requests) {
        return budget.millisFor(requests);
    }

    // ---- What may be sent

    int maxInFlight() {
        return throttle.window();
    }

    /** Returns when a request may be sent, if nothing else happens. */
    long nextAt(boolean live, long now) {
        long allowed = Math.max(pausedUntil, throttle.notBefore());
        return Math.max(allowed, budget.nextAt(live, Math.max(allowed, now)));
    }

    /** Returns what stops all sending, and for how long; null if nothing does, also if an answer will end that. */
    DeliveryGauges.@Nullable Pause pause(boolean live, long now) {
        long allowed = Math.max(now, pausedUntil);
        long next = Math.max(allowed, budget.nextAt(live, allowed));
        if (next == now || next == Long.MAX_VALUE) {
            return null;
        }
        DeliveryGauges.PauseCause cause = next == allowed
                ? pauseCause
                : budget.isOwnLimit(live, allowed)
                        ? DeliveryGauges.PauseCause.OWN_LIMIT
                        : DeliveryGauges.PauseCause.BUDGET;
        return new DeliveryGauges.Pause(Duration.ofMillis(next - now), cause);
    }

    /** Whether single upserts are too slow for so many waiting persons. */
    boolean needsBatches(int waiting, long now) {
        return !budget.keepsUpWith(waiting, now) || (isBudgetHidden && !budget.isReported());
    }

    void sent(long now) {
        budget.sent(now);
    }

    DeliveryGauges.@Nullable BudgetLeft budgetLeft(long now) {
        return budget.remaining(now);
    }
}
