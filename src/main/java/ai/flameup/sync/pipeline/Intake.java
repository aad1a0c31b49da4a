package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes and rows in: ignores repetitions, stores what has to be read again, supersedes waiting states, holds deletes
 * back until their transaction ends, and adds the rest to the {@link Backlog}. For one thread.
 */
final class Intake {
    private final Backlog backlog;
    private final LateWrites lateWrites;
    private final AckTracker acks;
    private final Parking parking;
    private final List<Action> actions;
    private final OpenTransaction open = new OpenTransaction();
    private @Nullable Position newest;
    private @Nullable AckUnit chunk;

    Intake(Backlog backlog, LateWrites lateWrites, AckTracker acks, Parking parking, List<Action> actions) {
        this.backlog = backlog;
        this.lateWrites = lateWrites;
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
        handle(change.mapped(), change.key(), transaction, true, now);
    }

    void keyChanged(Event.KeyChanged change) {
        if (isNew(change.position())) {
            actions.add(new Action.ChangeKey(change.position(), change.from(), change.to()));
        }
    }

    /** The stream repeats changes if it starts again from the stored position. */
    private boolean isNew(Position position) {
        return newest == null || position.compareTo(newest) > 0;
    }

    void commitReached(Event.CommitReached reached) {
        acks.commitReached(reached.commit());
        open.ended();
    }

    void chunkStarted(Event.ChunkStarted started, long now) {
        chunk = acks.addChunk(started, now);
    }

    void row(MappedRow row, long now) {
        if (chunk == null) {
            throw new IllegalStateException("a row without a chunk");
        }
        closeIfDue(now);
        handle(row.mapped(), row.key(), chunk, false, now);
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

    private void handle(Mapped mapped, @Nullable RowKey key, AckUnit unit, boolean live, long now) {
        Refusal cancelled = key == null ? null : open.cancel(key);
        if (cancelled != null && cancelled.unit() != null) {
            acks.settle(cancelled.unit());
        }
        if (mapped instanceof Mapped.Upsert upsert) {
            if (upsert.unread() && key != null) {
                // INVARIANT: the key is stored before the position can advance past the change.
                actions.add(new Action.Reread(key));
            }
            handle(upsert, key, unit, live, now);
        } else if (mapped instanceof Mapped.Unmappable unmappable) {
            Refusal refusal = Refusal.of(key, unit, unmappable.reason());
            if (unmappable.deleted() && live && key != null) {
                open.add(key, refusal);
            } else {
                parking.reject(refusal, now);
            }
        } else if (mapped instanceof Mapped.NeedsRead && key == null) {
            parking.reject(Refusal.of(null, unit, PersonState.UNREADABLE_REASON), now);
        } else {
            if (mapped instanceof Mapped.NeedsRead && key != null) {
                actions.add(new Action.Reread(key));
            }
            acks.settle(unit);
        }
    }

    private void handle(Mapped.Upsert mapped, @Nullable RowKey key, AckUnit unit, boolean live, long now) {
        Person person = backlog.graph().person(mapped.person().userId());
        lateWrites.recall(person, now);
        long address = backlog.claims().hash(mapped.person().email());
        PersonState state = PersonState.of(mapped, address, key);
        PendingUpsert last = backlog.graph().last(person);
        boolean cancels = last != null && last.isOpenDelete() && !mapped.deleted();
        if (last != null && !cancels && last.isSupersededBy(address)) {
            backlog.supersede(last, state, unit, live);
            return;
        }
        // A person who holds an address was delivered before, even if this change is an insert.
        boolean isKnown = mapped.person().isFirst() && person.claimed().length > 0;
        PendingUpsert upsert = PendingUpsert.of(person, isKnown ? state.withNulls() : state, unit, live);
        backlog.add(upsert);
        if (last != null && cancels) {
            backlog.cancelDelete(last, upsert);
        }
        if (live && mapped.deleted()) {
            open.add(upsert);
        }
        backlog.start(upsert, now);
        if (last != null && cancels) {
            backlog.closeDelete(last, now);
        }
    }
}
