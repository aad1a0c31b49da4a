package ai.flameup.sync.demo;

import org.jspecify.annotations.Nullable;

/** A request, what it took of the budget, and what is to become of it. Immutable. */
record Exchange(Arrival arrival, Budget.@Nullable Share share, Behaviour behaviour) {
    private static final Behaviour OVER_BUDGET = Behaviour.status(429)
            .body(Answer.plain(429, "rate_limit_exceeded", "Too many requests").body());

    /** What is told for it, unless the budget is spent: then no fault is used up. */
    static Exchange of(Arrival arrival, Budget budget, Faults faults) {
        Budget.Share share = budget.take();
        boolean granted = share == null || share.granted();
        return new Exchange(arrival, share, granted ? faults.choose(arrival) : OVER_BUDGET);
    }
}
