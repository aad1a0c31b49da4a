package ai.flameup.sync.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is ready, as far as rate and refusals allow it: which upserts go into the next request, and when. For one
 * thread.
 */
final class SendScheduler {
    /** A longer pause is reported, in milliseconds. */
    private static final long LONG_PAUSE = 90_000;

    /** So many persons that their time shows the budget's rate. */
    private static final int MANY = 100_000;

    private final Policies policies;
    private final PriorityQueues queues;
    private final Settlement settlement;
    private final List<Action> actions;
    private final LongMap<Request> inFlight = new LongMap<>();
    private int statesInFlight;
    private long requests;
    private boolean isPauseReported;
    private boolean isDraining;

    SendScheduler(Policies policies, PriorityQueues queues, Settlement settlement, List<Action> actions) {
        this.policies = policies;
        this.queues = queues;
        this.settlement = settlement;
        this.actions = actions;
    }

    /** Sends nothing more. */
    void drain() {
        isDraining = true;
    }

    private boolean isStopped() {
        return isDraining || policies.refusals().isHalted();
    }

    /** Sends everything that may be sent now. */
    void send(long now) {
        queues.wake(now);
        while (!isStopped() && hasRoom() && nextRequestAt(now) <= now) {
            sendNext(now);
        }
        reportPause(now);
    }

    private boolean hasRoom() {
        return !queues.isEmpty()
                && inFlight.size() < policies.rate().maxInFlight()
                && policies.refusals().allowsSending();
    }

    private long nextRequestAt(long now) {
        return policies.rate().nextAt(queues.hasLive(), now);
    }

    private void sendNext(long now) {
        boolean mayBeBatch = policies.batches().isUsedFor(queues.ready(), policies.rate(), now);
        List<PendingUpsert> upserts = queues.take(mayBeBatch ? BatchLimits.MAX_PERSONS : 1);
        boolean isBatch = mayBeBatch && policies.batches().takes(upserts);
        Request request = new Request(++requests, upserts, isBatch);
        for (int i = 0; i < upserts.size(); i++) {
            settlement.sent(upserts.get(i), now);
        }
        inFlight.put(request.number(), request);
        statesInFlight += upserts.size();
        policies.refusals().sent(request.number());
        policies.rate().sent(now);
        actions.add(request.toAction());
    }

    private void reportPause(long now) {
        boolean isPaused = !isStopped() && inFlight.isEmpty() && hasRoom() && nextRequestAt(now) - now > LONG_PAUSE;
        if (isPaused && !isPauseReported) {
            DeliveryGauges.Pause pause = policies.rate().pause(queues.hasLive(), now);
            DeliveryGauges.PauseCause cause = pause == null ? DeliveryGauges.PauseCause.BUDGET : pause.cause();
            actions.add(new Action.ReportPause(Duration.ofMillis(nextRequestAt(now) - now), cause));
        }
        isPauseReported = isPaused;
    }

    /** A request ended. Returns it. */
    Request ended(long number) {
        Request request = inFlight.remove(number);
        if (request == null) {
            throw new IllegalStateException("an answer to a request that is not in flight");
        }
        statesInFlight -= request.upserts().size();
        policies.refusals().answered(number);
        return request;
    }

    /** Returns when {@link #send} can send more, if nothing else happens; {@link Long#MAX_VALUE} for never. */
    long nextAt(long now) {
        return hasRoom() ? nextRequestAt(now) : Long.MAX_VALUE;
    }

    /** Returns how long it takes to send so many persons, in milliseconds; 0 if the budget is not known. */
    long millisFor(int persons) {
        return policies.rate().millisFor(persons / policies.batches().maxPersons());
    }

    /** Returns what stops all sending although something is ready; null if budget and pauses allow it. */
    DeliveryGauges.@Nullable Pause pause(long now) {
        boolean isOther =
                isStopped() || queues.isEmpty() || !policies.refusals().allowsSending();
        return isOther ? null : policies.rate().pause(queues.hasLive(), now);
    }

    DeliveryGauges.Budget budget(long now) {
        long millis = millisFor(MANY);
        return new DeliveryGauges.Budget(
                policies.rate().budgetLeft(now), millis == 0 ? null : (Double) (1e3 * MANY / millis));
    }

    boolean isDraining() {
        return isDraining;
    }

    /** Returns the number of requests in flight. */
    int inFlight() {
        return inFlight.size();
    }

    /** Returns the number of states in flight, of which a batch has many. */
    int statesInFlight() {
        return statesInFlight;
    }

    /** For tests: the upserts of a request in flight. */
    List<PendingUpsert> upserts(long request) {
        return Objects.requireNonNull(inFlight.get(request)).upserts();
    }
}
