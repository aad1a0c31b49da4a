package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.mapping.Mapped;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes and rows in: ignores repetitions, stores what has to be read again, supersedes waiting states, holds deletes
 * back until their transaction ends, and adds the rest to the {@link Backlog}. For one thread.
 */
final class Intake {
    private final Backlog backlog;
    private final EarlierRequests earlier;
    private final LateWrites lateWrites;
    private final AckTracker acks;
    private final Parking parking;
    private final Deferring deferring;
    private final DeferredArrivals deferred;
    private final ReadsInstead reads;
    private final List<Action> actions;
    private final OpenTransaction open = new OpenTransaction();
    private @Nullable Position newest;
    private @Nullable Chunk chunk;

    /** The rows that arrive. */
    private record Chunk(Event.ChunkStarted started, AckUnit unit) {}

    Intake(Backlog backlog, Earlier earlier, AckTracker acks, Parking parking, List<Action> actions) {
        this.backlog = backlog;
        this.deferring = backlog.holders().deferring();
        this.deferred = new DeferredArrivals(backlog, actions);
        this.reads = new ReadsInstead(backlog, acks);
        this.earlier = earlier.requests();
        this.lateWrites = earlier.lateWrites();
        this.acks = acks;
        this.parking = parking;
        this.actions = actions;
    }

    void change(Event.Change change, long now) {
        if (!isNew(change.position())) {
            return;
        }
        newest = change.position();
        AckUnit transaction = acks.add(change.position(), now - change.age());
        if (open.isBefore(transaction)) {
            closeTransaction(now);
        }
        open.changed(transaction, now);
        earlier.removePassed(change.position()).forEach(held -> reread(held, now));
        deferring.arrived(change.age());
        cancelRefusal(change.key());
        if (deferred.take(change)) {
            // It takes no room, however many there are.
            acks.remove(transaction);
            return;
        }
        handle(
                change.mapped(),
                new Arrival(
                        change.position(),
                        change.key(),
                        transaction,
                        deferring.isAnyUnsent() ? Arrival.Origin.STREAM_FOR_UNSENT : Arrival.Origin.STREAM,
                        backlog.unchanged().mustSendChange()),
                now);
    }

    /** It is stored before the position can pass it. If it is stored twice, its rows are read twice. */
    void watched(Event.Watched change) {
        if (newest == null || !newest.resumeAt().isAfter(change.position().resumeAt())) {
            deferring.search(change.change());
        }
    }

    void keyChanged(Event.KeyChanged change) {
        if (isNew(change.position())) {
            actions.add(new Action.ChangeKey(change.position(), change.from(), change.to()));
        }
    }

    /** The stream has passed everything that earlier processes have read. */
    void markerReached() {
        deferred.markerReached();
    }

    /** The stream repeats changes if it starts again from the stored position. */
    private boolean isNew(Position position) {
        return newest == null || position.compareTo(newest) > 0;
    }

    void commitReached(Event.CommitReached reached, long now) {
        acks.commitReached(reached.commit());
        deferring.commitReached(reached.commit());
        open.ended();
        earlier.removePassed(new Position(reached.commit(), 0)).forEach(held -> reread(held, now));
    }

    void chunkStarted(Event.ChunkStarted started, long now) {
        chunk = new Chunk(started, acks.addChunk(started, now));
    }

    void row(Event.Row row, long now) {
        closeIfDue(now);
        if (chunk == null) {
            throw new IllegalStateException("a row without a chunk");
        }
        AckUnit unit = chunk.unit();
        Event.ChunkStarted started = chunk.started();
        boolean mustSend = backlog.unchanged().mustSendRow(started.scan());
        Arrival.Origin origin = Arrival.Origin.of(started, deferring.readTogether(unit, row.readWith()));
        cancelRefusal(row.key());
        handle(row.mapped(), new Arrival(started.at(), row.key(), unit, origin, mustSend), now);
    }

    /**
     * A state was held for a later one that the stream does not deliver, because it was a row that was read. The API may have
     * it, so the older state must not be sent. The row is read again; if its key is not known, the person is parked.
     */
    private void reread(PendingUpsert held, long now) {
        RowKey key = held.state().key();
        if (key != null) {
            deferring.readInstead(key, held.userId());
            acks.settleAll(backlog.abandon(held));
        } else {
            Outcome.Rejected why = new Outcome.Rejected(Refusal.NOT_ASKED, PersonState.UNREADABLE_REASON, null);
            actions.add(new Action.Park(held.userId(), null, why, 0));
            acks.settleAllParked(backlog.abandon(held));
        }
        backlog.release(held, now);
    }

    // ---- The open transaction

    /** Stops waiting for the end of a transaction if the wait is over. */
    void closeIfDue(long now) {
        if (open.closesAt() <= now) {
            closeTransaction(now);
        }
    }

    private void closeTransaction(long now) {
        open.removeDeletes().forEach(delete -> backlog.closeDelete(delete, now));
        open.removeRefusals().forEach(refusal -> parking.reject(refusal, now));
    }

    /** Returns when {@link #closeIfDue} is due; {@link Long#MAX_VALUE} if nothing waits. */
    long closesAt() {
        return open.closesAt();
    }

    /** Whether a delete waits for the end of its transaction. */
    boolean isWaiting() {
        return !open.isEmpty();
    }

    // ---- One change or row

    /** The row exists: a delete of it in the same transaction need not be sent. */
    private void cancelRefusal(@Nullable RowKey key) {
        Refusal cancelled = key == null ? null : open.cancel(key);
        if (cancelled != null && cancelled.unit() != null) {
            acks.settle(cancelled.unit());
        }
    }

    private void handle(Mapped mapped, Arrival arrival, long now) {
        RowKey key = arrival.key();
        if (mapped instanceof Mapped.Upsert upsert) {
            handle(upsert, arrival, now);
        } else if (mapped instanceof Mapped.Unmappable unmappable) {
            Refusal refusal = Refusal.of(unmappable, key, arrival.unit());
            if (unmappable.deleted() && arrival.isFromStream() && key != null) {
                open.add(key, refusal);
            } else {
                parking.reject(refusal, now);
            }
        } else if (mapped instanceof Mapped.NeedsRead && key == null) {
            Mapped.Unmappable unreadable = new Mapped.Unmappable(PersonState.UNREADABLE_REASON);
            parking.reject(Refusal.of(unreadable, null, arrival.unit()), now);
        } else {
            if (mapped instanceof Mapped.NeedsRead read && key != null) {
                reads.readInstead(key, read.userId(), arrival, now);
            }
            acks.settle(arrival.unit());
        }
    }

    private void handle(Mapped.Upsert mapped, Arrival arrival, long now) {
        Person person = backlog.graph().person(mapped.person().userId());
        if (arrival.isFromStream() && EarlierRequests.isAccepted(person, arrival.position())) {
            actions.add(Action.COUNT_REPEATED);
            acks.settle(arrival.unit());
            backlog.graph().forgetIfUnused(person);
            return;
        }
        if (mapped.deleted() && !arrival.isFromStream() && isDeleted(person)) {
            // The stream has reported the deletion, with its time.
            actions.add(new Action.Unchanged(person.userId(), true));
            acks.settle(arrival.unit());
            backlog.graph().forgetIfUnused(person);
            return;
        }
        if (mapped.unread() && arrival.key() != null) {
            // INVARIANT: the key is stored before the position can advance past the change.
            deferring.completeLater(arrival.key());
        }
        lateWrites.recall(person, now);
        if (earlier.isUnclear(person) || !backlog.unchanged().isLedgerComplete()) {
            backlog.claims().mayBeApplied(person);
        }
        Position until = arrival.isFromStream() ? earlier.heldUntil(person, arrival.position()) : null;
        long address = backlog.claims().hash(mapped.person().email());
        PersonState state = PersonState.of(mapped, address, arrival.position(), arrival.key());
        if (deferring.isAnyUnsent()
                && arrival.isFromStream()
                && arrival.key() != null
                && state.isWhole()
                && until == null) {
            actions.add(new Action.DropDeferred(arrival.position(), arrival.key(), person.userId()));
        }
        PendingUpsert last = backlog.graph().last(person);
        if (last != null && last.isHeld() && until == null) {
            rereadIfPartial(state.withKeyOf(last.state()));
        }
        boolean isBehindChange = last != null && last.isFromStream() && !arrival.isFromStream();
        boolean isMovedBack = last != null && !isBehindChange && isMovedBack(last, arrival, address);
        boolean cancels = last != null && (isMovedBack || isCancelled(last, mapped, address));
        if (last != null && !cancels && !isBehindChange && last.isSupersededBy(address)) {
            backlog.supersede(last, state, arrival);

            if (until == null) {
                backlog.release(last, now);
            }
            return;
        }
        // A person who holds an address was delivered before, even if this change is an insert.
        boolean isKnown = mapped.person().isFirst() && person.claimed().length > 0;
        PendingUpsert upsert = PendingUpsert.of(person, isKnown ? state.withNulls() : state, arrival);
        backlog.add(upsert);
        if (last != null && isBehindChange) {
            upsert.putBehind(last);
        }
        if (last != null && cancels) {
            backlog.cancel(last, upsert);
        }
        if (isMovedBack) {
            deferring.movedBack(person.userId(), arrival.unit());
        }
        if (arrival.isFromStream() && mapped.deleted()) {
            open.add(upsert);
        }
        if (until != null) {
            earlier.hold(upsert, until);
        }
        backlog.start(upsert, now);
        if (last != null && cancels) {
            backlog.closeDelete(last, now);
            backlog.release(last, now);
        }
    }

    private boolean isDeleted(Person person) {
        PendingUpsert last = backlog.graph().last(person);
        if (last == null || last.isSuperseded()) {
            return StateHashes.isDeleted(person.entry().hashes())
                    && person.lateWrite() == null
                    && !earlier.isUnclear(person);
        }
        return last.state().isDeletion();
    }

    /** A state takes the place of held ones. Their values are not used, because a row may have been sent in between. */
    private void rereadIfPartial(PersonState state) {
        RowKey key = state.key();
        if (!state.isWhole() && key != null) {
            deferring.completeLater(key);
        }
    }

    /**
     * A row that was read with those of other users takes its place behind theirs, and not that of a state that has waited: its
     * address may be released between the two.
     */
    private static boolean isMovedBack(PendingUpsert last, Arrival arrival, long address) {
        return arrival.isLive() && !arrival.isFromStream() && last.isSupersededBy(address) && last.isBeforeTurn();
    }

    /** An insert cancels an open delete. A held state was sent as part of the one for which it is held. */
    private static boolean isCancelled(PendingUpsert last, Mapped.Upsert mapped, long address) {
        return !last.isSuperseded()
                && ((last.isOpenDelete() && !mapped.deleted()) || (last.isHeld() && last.address() != address));
    }
}
