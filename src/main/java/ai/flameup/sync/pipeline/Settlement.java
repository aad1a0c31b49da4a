package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.answer.Outcome;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happens to an upsert from its first attempt until it is settled: sent, sent again, accepted, parked, and repeated
 * after late writes. For one thread.
 */
final class Settlement {
    private final Backlog backlog;
    private final EarlierRequests earlier;
    private final LateWrites lateWrites;
    private final AckTracker acks;
    private final List<Action> actions;

    Settlement(Backlog backlog, Earlier earlier, AckTracker acks, List<Action> actions) {
        this.backlog = backlog;
        this.earlier = earlier.requests();
        this.lateWrites = earlier.lateWrites();
        this.acks = acks;
        this.actions = actions;
    }

    /** The upsert is in flight from now on. */
    void sent(PendingUpsert upsert, long now) {
        upsert.sent(now);
        Person person = upsert.person();
        LateWrite late = person.lateWrite();
        if (late != null || person.entry().accepted() != null || earlier.isUnclear(person)) {
            upsert.sendNulls();
        }
        PersonState accepted = late == null ? null : late.newest();
        if (late != null && accepted != null && late.dueAt() <= now) {
            // It takes the place of the repetition after the late write, which carries every trait.
            backlog.fill(upsert, accepted);
        }
    }

    /** The upsert is sent again before all others, for a reason that is not its own. */
    void retryFirst(PendingUpsert upsert) {
        backlog.absorbSuccessor(upsert);
        backlog.queues().addFirst(upsert);
    }

    /** The upsert is sent again after all others. */
    void retryLast(PendingUpsert upsert) {
        backlog.absorbSuccessor(upsert);
        backlog.queues().addLast(upsert);
    }

    /** The upsert is sent again after a rest. */
    void retryAt(PendingUpsert upsert, long until) {
        backlog.absorbSuccessor(upsert);
        backlog.queues().rest(upsert, until);
    }

    /** The upsert was sent and not accepted, and may have been applied all the same. */
    void mayBeApplied(PendingUpsert upsert) {
        upsert.mayHaveBeenApplied();
        backlog.claims().mayBeApplied(upsert.person());
    }

    /** The upsert's request ended without an answer, and may still be applied. */
    void mayBeAppliedLate(PendingUpsert upsert, boolean timedOut, long now) {
        lateWrites.add(upsert.person(), upsert.state(), timedOut, now);
    }

    /** The upsert's state was accepted. */
    void accepted(PendingUpsert upsert, long now) {
        if (!upsert.isRepetition()) {
            reportDelivery(upsert);
        }
        LateWrite late = upsert.person().lateWrite();
        if (late != null && !late.isHarmlessTo(upsert.state())) {
            if (upsert.sentAt() < late.dueAt()) {
                keep(upsert, late, now);
                return;
            }
            backlog.releaseBytes(late.size());
            upsert.person().lateWrite(null);
            upsert.addUnits(late.units());
        }
        recordAccepted(upsert, false);
        remove(upsert, now);
        backlog.releaseBytes(upsert.state().size());
        acks.settleAll(upsert.units());
    }

    /** Every person of the request was accepted: its trace is dropped once the store has that. */
    void endAccepted(Request request) {
        backlog.ledger().whenStored(new Action.EndRequest(request.number(), Action.Fate.KNOWN));
    }

    private void reportDelivery(PendingUpsert upsert) {
        actions.add(new Action.Delivered(upsert.userId(), upsert.state().isWhole()));
        if (upsert.state().isUnreadable()) {
            // After the delivery: a whole one settles the person's dead letter.
            actions.add(new Action.Park(
                    upsert.userId(),
                    null,
                    new Outcome.Rejected(Refusal.NOT_ASKED, PersonState.UNREADABLE_REASON, null),
                    0));
        }
    }

    private void recordAccepted(PendingUpsert upsert, boolean mustRepeat) {
        backlog.claims().accepted(upsert, mustRepeat);
        boolean mayBeUndone = mustRepeat || upsert.person().lateWrite() != null;
        if (!mayBeUndone && earlier.accepted(upsert.person(), upsert.state().position())) {
            backlog.ledger().whenStored(new Action.DropTraces(RequestTrace.person(upsert.userId())));
        }
    }

    /** A late write may still be applied after it: it is acknowledged with the repetition. */
    private void keep(PendingUpsert upsert, LateWrite late, long now) {
        recordAccepted(upsert, true);
        backlog.releaseBytes(upsert.state().size() + late.size());
        late.accepted(upsert.state(), upsert.units());
        backlog.releaseBytes(-late.size());
        remove(upsert, now);
    }

    /** Settles the upserts whose state the API has already. */
    void settleUnchanged(long now) {
        for (PendingUpsert upsert = backlog.pollUnchanged(); upsert != null; upsert = backlog.pollUnchanged()) {
            actions.add(new Action.Unchanged(upsert.userId(), upsert.state().isWhole()));
            backlog.remove(upsert, now);
            backlog.releaseBytes(upsert.state().size());
            acks.settleAllUnchanged(upsert.units());
        }
    }

    /** The upsert is not sent any more: its person is parked. */
    void park(PendingUpsert upsert, Outcome.Rejected why, long now) {
        actions.add(new Action.Park(
                upsert.userId(), upsert.state().key(), why, upsert.attempts().count()));
        LateWrite late = upsert.person().lateWrite();
        if (late != null) {
            late.parked();
        }
        backlog.claims().unsent(upsert);
        remove(upsert, now);
        backlog.releaseBytes(upsert.state().size());
        acks.settleAllParked(upsert.units());
    }

    /** Settles the upserts whose rows are to be read with those of the holders of their addresses. */
    void settleToRead(long now) {
        HolderReads holders = backlog.holders();
        for (PendingUpsert upsert = holders.poll(); upsert != null; upsert = holders.poll()) {
            RowKey key = Objects.requireNonNull(upsert.state().key());
            backlog.holders().deferring().readInstead(key, upsert.userId());
            remove(upsert, now);
            backlog.releaseBytes(upsert.state().size());
            acks.settleAll(upsert.units());
        }
    }

    /** Replaces changes that have to be sent by the keys of their rows. */
    void defer(Predicate<PendingUpsert> which, long now) {
        List<PendingUpsert> deferred = backlog.graph().unsettled().stream()
                .filter(upsert -> upsert.isDeferrable() && which.test(upsert))
                .toList();
        List<PendingUpsert> atTurn =
                deferred.stream().filter(upsert -> !upsert.isBlocked()).toList();
        for (PendingUpsert upsert : deferred) {
            storeDeferred(upsert, now);
            backlog.claims().unsent(upsert);
            acks.settleAll(backlog.abandon(upsert));
            LateWrite late = upsert.person().lateWrite();
            if (late != null) {
                backlog.releaseBytes(late.size());
                acks.settleAll(late.replaceByRow());
                // This upsert was to be sent in place of the repetition.
                lateWrites.checkAgain(upsert.person(), now);
            }
        }
        backlog.queues().removeSuperseded();
        atTurn.forEach(upsert -> remove(upsert, now));
    }

    private void storeDeferred(PendingUpsert upsert, long now) {
        RowKey key = upsert.state().key();
        if (upsert.state().isDeletion()) {
            AckUnit transaction = upsert.units().get(upsert.units().size() - 1);
            backlog.holders().deferring().deferDelete(upsert.userId(), now - transaction.since());
        }
        // A row that does not meet the condition is there, unlike a deleted one.
        if (key != null && (!upsert.state().isDeletion() || upsert.state().isOnlyIfDelivered())) {
            backlog.holders().deferring().defer(key, upsert.userId());
        }
    }

    private void remove(PendingUpsert upsert, long now) {
        backlog.remove(upsert, now);
        repeatNewest(upsert.person(), now);
    }

    /** Sends the newest states once more whose late writes can no longer be applied. */
    void repeatDue(long now) {
        List<Person> due = lateWrites.removeDue(now);
        for (int i = 0; i < due.size(); i++) {
            repeatNewest(due.get(i), now);
        }
    }

    /** If an upsert of the person is pending, that one takes the place of the repetition: it is newer, and sent late enough. */
    private void repeatNewest(Person person, long now) {
        LateWrite late = person.lateWrite();
        if (late == null || late.dueAt() > now) {
            return;
        }
        PendingUpsert last = backlog.graph().last(person);
        if (last != null) {
            if (last.isHeld() || last.isSuperseded()) {
                // It may be given up, and is then not sent in place of the repetition.
                lateWrites.checkAgain(person, now);
            }
            return;
        }
        person.lateWrite(null);
        @Nullable PersonState accepted = late.newest();
        if (accepted == null) {
            acks.settleAll(late.units());
            backlog.graph().forgetIfUnused(person);
        } else {
            backlog.addKept(PendingUpsert.repetition(person, accepted, late.units()), now);
        }
    }
}
