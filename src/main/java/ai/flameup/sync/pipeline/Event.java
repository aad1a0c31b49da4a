package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.mapping.Mapped;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the delivery state machine reacts to. Events that arrive together are handled one after the other, followed by one
 * {@link Tick}: so no state is sent that a later event of the group supersedes.
 */
public sealed interface Event {
    Event TICK = new Tick();
    Event DRAIN = new Drain();

    /**
     * The process starts; comes before every other event.
     *
     * @param unanswered the requests of earlier processes that ended without an answer
     * @param isLedgerComplete false if a loss of power may have undone the newest entries: until the first marker has arrived and the
     *     rows to read before it are read, no state is left out because the API has it
     * @param unread which keys of rows to read earlier processes have left in the store
     * @param droppedUntil up to where the stream has changes for which keys of that kind were dropped; null for none
     */
    record Started(
            List<RequestTrace.Unanswered> unanswered,
            boolean isLedgerComplete,
            Unread unread,
            @Nullable Lsn droppedUntil)
            implements Event {}

    /** Rows to read whose changes were not sent. */
    enum Unread {
        NOTHING,
        /** Only rows to read at once. */
        ROWS,
        /** Deferred changes, and possibly rows to read at once. */
        DEFERRED
    }

    /**
     * The stream delivers a change. A change at or before the newest known position is a repetition and ignored.
     *
     * @param key of the row; null if the change does not carry it
     * @param age the time since its commit, in milliseconds, as far as is known
     */
    record Change(
            Position position, Mapped mapped, @Nullable RowKey key, long age) implements Event {}

    /**
     * The next change gives a row another primary key. A repetition is ignored.
     *
     * @param position of that change
     */
    record KeyChanged(Position position, RowKey from, RowKey to) implements Event {}

    /**
     * The stream delivers a change of a watched table.
     *
     * @param position of the next change of our table in its transaction, if there is one
     */
    record Watched(Position position, WatchedChange change) implements Event {}

    /** Every change of every transaction that committed up to here has arrived. */
    record CommitReached(Lsn commit) implements Event {}

    /**
     * The stream delivers a marker.
     *
     * @param latestOnly whether it replaces a marker of that kind directly before it
     */
    record Marker(String marker, boolean latestOnly) implements Event {}

    /**
     * Rows that were read take their place in the stream: as many {@link Row} events follow.
     *
     * @param at that place
     * @param overtaken how many more were read that the stream has newer states of
     * @param upTo how far the scan has read; null: no further than before, because some rows have to be read again
     */
    record ChunkStarted(
            Scan scan,
            Position at,
            int rows,
            int overtaken,
            @Nullable RowKey upTo) implements Event {}

    /**
     * What rows are read for.
     *
     * @param sendsUnchanged whether a state is sent that the API has already
     * @param isForUnsent whether the rows are read in place of changes that were not sent
     * @param isUrgent whether they are sent like changes
     */
    record Scan(long id, boolean sendsUnchanged, boolean isForUnsent, boolean isUrgent) {}

    /**
     * A row of the chunk that started last.
     *
     * @param key its primary key; null if the row is gone and its key is not known
     * @param readWith the users who hold its address by the ledger, and whose rows are before it in an urgent chunk, or are gone. If
     *     addresses are exchanged in a circle, one of them is behind it
     */
    record Row(@Nullable RowKey key, Mapped mapped, Set<String> readWith) implements Event {
        /** A row of which that is not known. */
        public Row(@Nullable RowKey key, Mapped mapped) {
            this(key, mapped, Set.of());
        }
    }

    /** The scan brings no more chunks. */
    record ScanEnded(long scan) implements Event {}

    /**
     * A request ended, with an answer or without one.
     *
     * @param request the number in {@link Action.Send}
     */
    record Answered(long request, Response answer) implements Event {}

    /**
     * The store has ledger entries.
     *
     * @param number of the last {@link Action.StoreEntry} that is stored; so is every entry before it
     */
    record EntriesStored(long number) implements Event {}

    /**
     * The WAL has been written up to here: what lies between the position and its end is retained.
     */
    record WalWritten(Lsn end) implements Event {}

    /**
     * The store has no key left of a row to read.
     *
     * @param number of the last {@link Action.Defer}, {@link Action.Reread} or {@link Action.Search} that was stored before the store was asked; 0 if there
     *     was none
     */
    record NothingToRead(long number) implements Event {}

    /** Time has passed, or a group of events is complete. */
    record Tick() implements Event {}

    /** Nothing more is to be sent. */
    record Drain() implements Event {}
}
