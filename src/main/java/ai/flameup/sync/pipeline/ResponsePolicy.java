package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What each answer leads to. The table is in the package documentation, and for operators in {@code delivery.md}. For one
 * thread.
 */
final class ResponsePolicy {
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;

    private final Policies policies;
    private final Settlement settlement;
    private final Parking parking;
    private final List<Action> actions;
    private long accepted;

    ResponsePolicy(Policies policies, Settlement settlement, Parking parking, List<Action> actions) {
        this.policies = policies;
        this.settlement = settlement;
        this.parking = parking;
        this.actions = actions;
    }

    /** A request ended. */
    void ended(Request request, Response answer, long now) {
        policies.rate().ended(answer, now);
        Outcome outcome = answer.outcome();
        if (outcome instanceof Outcome.Failed failed) {
            failed(request, failed, now);
            return;
        }
        policies.rate().answered(answer);
        if (outcome instanceof Outcome.Accepted all) {
            accepted(request, all, now);
            return;
        }
        end(request, Action.Fate.KNOWN);
        if (outcome instanceof Outcome.Rejected rejected) {
            rejected(request, rejected, now);
        } else if (outcome instanceof Outcome.Refused refused) {
            refused(request, refused);
        }
    }

    private void end(Request request, Action.Fate fate) {
        actions.add(new Action.EndRequest(request.number(), fate));
    }

    // ---- 2xx

    private void accepted(Request request, Outcome.Accepted answer, long now) {
        List<RefusalPolicy.Suspect> cleared = policies.refusals().accepted(request.number());
        if (!request.batch()) {
            policies.batches().acceptedAlone(request.single());
            accepted(request.single(), now);
            settlement.endAccepted(request);
        } else if (answer.externalIds().isEmpty() && answer.problem() != null) {
            end(request, Action.Fate.UNCLEAR);
            policies.batches().abandonUnnamed(answer);
            request.upserts().forEach(settlement::mayBeApplied);
            parking.retryFirst(request.upserts(), 1);
        } else {
            acceptedInPart(request, answer, now);
        }
        cleared.forEach(suspect -> parking.reject(suspect, now));
    }

    private void acceptedInPart(Request request, Outcome.Accepted answer, long now) {
        List<PendingUpsert> named = new ArrayList<>(request.upserts().size());
        List<PendingUpsert> missing = new ArrayList<>(0);
        for (PendingUpsert upsert : request.upserts()) {
            (answer.externalIds().contains(upsert.userId()) ? named : missing).add(upsert);
        }
        policies.batches().leftOut(missing, request.upserts().size());
        missing.forEach(settlement::mayBeApplied);
        named.forEach(upsert -> accepted(upsert, now));
        if (missing.isEmpty()) {
            settlement.endAccepted(request);
        } else {
            end(request, Action.Fate.UNCLEAR);
        }
        parking.retryFirst(missing, 1);
    }

    private void accepted(PendingUpsert upsert, long now) {
        accepted++;
        policies.refusals().personAccepted();
        settlement.accepted(upsert, now);
    }

    // ---- 408, 425, 429, 5xx, no answer

    private void failed(Request request, Outcome.Failed failed, long now) {
        policies.rate().pauseFor(failed, now);
        if (RateControl.isBudgetSpent(failed)) {
            end(request, Action.Fate.KNOWN);
            policies.rate().budgetSpent(failed, now);
            parking.retryFirst(request.upserts(), BatchLimits.MAX_PERSONS);
            return;
        }
        end(request, failed.mayBeApplied() ? Action.Fate.LATE : Action.Fate.UNCLEAR);
        policies.rate().failed(failed, request.sentAt(), now);
        if (failed.mayBeApplied()) {
            request.upserts().forEach(upsert -> settlement.mayBeAppliedLate(upsert, failed.timedOut(), now));
        }
        for (PendingUpsert upsert : request.upserts()) {
            settlement.mayBeApplied(upsert);
            upsert.attempts().failed(accepted);
            if (request.upserts().size() == 1 && upsert.attempts().areItsOwn(accepted)) {
                settlement.park(upsert, new Outcome.Rejected(failed.status(), failed.reason(), null), now);
            } else {
                retry(upsert, request, failed, now);
            }
        }
    }

    private void retry(PendingUpsert upsert, Request request, Outcome.Failed failed, long now) {
        long wait;
        if (policies.rate().isOutage()) {
            // An outage has a back-off of its own, and the next probe carries another person.
            wait = policies.rate().untilProbe(now);
            settlement.retryLast(upsert);
        } else {
            wait = policies.rate().rest(upsert.attempts().count());
            upsert.limitBatch(request.half());
            settlement.retryAt(upsert, now + wait);
        }
        actions.add(new Action.ReportRetry(failed.status(), Duration.ofMillis(wait)));
    }

    // ---- Any other 4xx

    private void rejected(Request request, Outcome.Rejected rejected, long now) {
        if (request.batch() && rejected.status() == METHOD_NOT_ALLOWED) {
            policies.batches().abandonMissing(rejected.status());
            parking.retryFirst(request.upserts(), BatchLimits.MAX_PERSONS);
        } else if (request.batch()) {
            // The last half, of one person, goes by the single call: the batch call may be what is refused.
            boolean isLastHalf = request.half() == 1;
            request.upserts().forEach(upsert -> upsert.attempts().failedInBatch(isLastHalf));
            parking.retryFirst(request.upserts(), request.half());
        } else {
            policies.batches().refusedAlone();
            parking.reject(Refusal.of(request.single(), rejected), now);
        }
    }

    // ---- 401, 403, 404, redirects

    private void refused(Request request, Outcome.Refused refused) {
        if (request.batch() && refused.status() == NOT_FOUND) {
            // The call may be missing, not the workspace: a single upsert finds out.
            policies.batches().abandonMissing(refused.status());
            parking.retryFirst(request.upserts(), BatchLimits.MAX_PERSONS);
            return;
        }
        request.withhold();
        boolean mayBeThesePersons = refused.status() == FORBIDDEN || refused.status() == NOT_FOUND;
        if (!mayBeThesePersons || policies.refusals().refused(request, refused)) {
            parking.halt(refused);
        }
    }
}
