package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.rows.Snapshot;
import ai.flameup.sync.source.rows.StreamEvent.Fenced;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The real {@link Fence} for simulations in other packages. Rows are identified by their keys alone. */
public final class ModelFence {
    private static final Row ANY_ROW = Row.of(new JsonKind[] {JsonKind.STRING}, "");
    private static final Row PART_OF_A_ROW = Row.of(new JsonKind[] {JsonKind.STRING}, Row.absent());

    private final Fence fence;

    /** @param start the snapshot at the start, as {@code pg_current_snapshot()} prints it */
    public ModelFence(String start) {
        this.fence = new Fence(PersonKeys.OF_PRIMARY_KEY, Snapshot.parse(start));
    }

    /** Whether reads may open. */
    public boolean isReady() {
        return fence.isReady();
    }

    /** The stream carries a change: {@code whole} if it has the whole row, as a delete always does; a null key is not known; {@code isRead} if its row is read for it. */
    public void saw(int transaction, @Nullable RowKey key, boolean whole, boolean isRead) {
        Position position = new Position(new Lsn(0), 0);
        Row row = whole ? ANY_ROW : PART_OF_A_ROW;
        fence.recordChange(
                new RowChange(
                        position, RowChange.Kind.UPDATE, new RowChange.Commit(transaction, Instant.EPOCH), key, row),
                isRead);
    }

    /** The stream carries a change of a watched table. */
    public void sawWatched(int transaction) {
        fence.recordWatched(transaction);
    }

    /** The stream carries a heartbeat with the snapshot from when it was written. */
    public void heartbeat(String snapshot) {
        fence.advance(Snapshot.parse(snapshot));
    }

    /** A read is about to take its snapshot. */
    public Reading open() {
        return new Reading(fence.open());
    }

    /** The stream carries a marker at a place; null if no read of this fence waits for it. */
    public @Nullable Fenced arrived(String marker, Position at) {
        return fence.markerArrived(marker, at);
    }

    /** The listener has taken what arrived. */
    public void handedOver() {
        fence.batchDelivered();
    }

    /** The keys of rows, and the progress with them. */
    public record KeyedRows(List<RowKey> keys, @Nullable RowKey progress) {}

    /** A read, from before its snapshot until it is registered. */
    public static final class Reading {
        private final Fence.Read open;

        private Reading(Fence.Read open) {
            this.open = open;
        }

        /**
         * See {@link Fence.Read#register}.
         *
         * @param scan as in {@link KeyLookup}
         * @return what completes with the keys to be read again
         */
        public CompletableFuture<List<RowKey>> register(
                long scan, String marker, String snapshot, List<RowKey> asked, KeyedRows found) {
            List<KeyedRow> rows =
                    found.keys.stream().map(key -> new KeyedRow(key, ANY_ROW)).toList();
            return open.register(
                    marker, Snapshot.parse(snapshot), asked, new PendingRead.Content(scan, rows, found.progress));
        }

        /** Closes a read without rows. */
        public void close() {
            open.close();
        }
    }
}
