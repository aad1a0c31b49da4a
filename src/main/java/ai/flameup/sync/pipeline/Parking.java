package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import java.util.List;

/** Parks refused states as the {@link RefusalPolicy} decides, in the order of their turns. For one thread. */
final class Parking {
    private final RefusalPolicy policy;
    private final Backlog backlog;
    private final Settlement settlement;
    private final AckTracker acks;
    private final List<Action> actions;

    Parking(RefusalPolicy policy, Backlog backlog, Settlement settlement, AckTracker acks, List<Action> actions) {
        this.policy = policy;
        this.backlog = backlog;
        this.settlement = settlement;
        this.acks = acks;
        this.actions = actions;
    }

    /** A state is refused as it is: parks or withholds it, or halts. */
    void reject(Refusal refusal, long now) {
        switch (policy.rejected(refusal)) {
            case PARK -> park(refusal, now);
            case WITHHOLD -> refusal.withhold();
            case HALT -> {
                refusal.withhold();
                actions.add(new Action.HaltTooManyRejected(refusal.why()));
            }
        }
    }

    private void park(Refusal refusal, long now) {
        PendingUpsert upsert = refusal.upsert();
        AckUnit unit = refusal.unit();
        if (upsert != null) {
            if (refusal.why().status() != Refusal.NOT_ASKED) {
                upsert.attempts().refused();
            }
            settlement.park(upsert, refusal.why(), now);
        } else if (unit != null) {
            actions.add(new Action.Park(nameOf(refusal), refusal.key(), refusal.why(), 0));
            acks.settleParked(unit);
        }
    }

    /** Without the user id if the answer to an earlier state of the person would settle the letter. */
    private String nameOf(Refusal refusal) {
        if (refusal.userId().isEmpty()) {
            return "";
        }
        Person person = backlog.graph().person(refusal.userId());
        boolean isAnyOpen = backlog.graph().last(person) != null;
        backlog.graph().forgetIfUnused(person);
        return isAnyOpen ? "" : refusal.userId();
    }

    /** Parks the upserts whose turn has come and whose address another person holds. */
    void parkAddressHeld(long now) {
        if (policy.isHalted()) {
            return;
        }
        for (PendingUpsert upsert = backlog.pollAddressHeld(); upsert != null; upsert = backlog.pollAddressHeld()) {
            String reason = "user " + upsert.addressHolder() + " still holds the email address at Flameup";
            reject(Refusal.of(upsert, new Outcome.Rejected(Refusal.NOT_ASKED, reason, null)), now);
        }
    }

    /** A request was refused although another person was accepted: halves a batch, and rejects a single person. */
    void reject(RefusalPolicy.Suspect suspect, long now) {
        Request request = suspect.request();
        if (request.batch()) {
            retryFirst(request.upserts(), request.half());
            return;
        }
        Outcome.Refused why = suspect.why();
        reject(Refusal.of(request.single(), new Outcome.Rejected(why.status(), why.reason(), why.requestId())), now);
    }

    /** Sends upserts again before all others, each with so many persons in a batch at most. */
    void retryFirst(List<PendingUpsert> upserts, int maxPersons) {
        for (int i = upserts.size() - 1; i >= 0; i--) {
            upserts.get(i).limitBatch(maxPersons);
            settlement.retryFirst(upserts.get(i));
        }
    }

    /** The API refuses every person. */
    void halt(Outcome.Refused why) {
        if (!policy.isHalted()) {
            policy.halt();
            actions.add(new Action.HaltRefused(why));
        }
    }

    /** Judges the suspects, because no other person is left to test. */
    void judgeSuspects(long now) {
        List<RefusalPolicy.Suspect> cleared = policy.judgeSuspects();
        cleared.forEach(suspect -> reject(suspect, now));
        if (cleared.isEmpty()) {
            halt(policy.firstSuspect().why());
        }
    }

    /** Parks those on probation, or halts. */
    void judgeProbation(long now) {
        List<Refusal> refusals = policy.judgeProbation();
        if (refusals == null) {
            actions.add(new Action.HaltTooManyRejected(policy.lastOnProbation()));
        } else {
            refusals.forEach(refusal -> reject(refusal, now));
        }
    }
}
