package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event of the stream. */
public sealed interface StreamEvent {

    /**
     * A row was changed.
     *
     * @param relayed whether the change was replicated from another server, so that {@link RowChange#committedAt} is the
     *     time of the commit there
     */
    record Changed(RowChange change, boolean relayed) implements StreamEvent {}

    /**
     * The next change gives a row another primary key.
     *
     * @param position the position of that change
     */
    record Rekeyed(Position position, RowKey from, RowKey to) implements StreamEvent {}

    /**
     * A row of a watched table was changed.
     *
     * @param position where it is among the changes of our table, of which the next one may have the same position
     */
    record Watched(Position position, WatchedChange change) implements StreamEvent {}

    /** All changes of all transactions that committed up to this position were delivered to the listener. */
    record CommitReached(Lsn commit) implements StreamEvent {}

    /**
     * A marker of this process arrived, one of {@code Markers.newMarker} or a heartbeat. Everything that was committed before
     * the marker was requested was delivered to the listener.
     *
     * @param heartbeat whether the marker is a heartbeat
     */
    record MarkerReached(String marker, boolean heartbeat) implements StreamEvent {}

    /**
     * Rows from the fence at their place in the stream, where they are the newest states.
     *
     * @param at that place
     * @param progress the scan's progress once these rows and all earlier ones are settled; null if the scan has to read some
     *     of the rows again first
     */
    record Fenced(
            long scan,
            Position at,
            FencedRows rows,
            @Nullable RowKey progress) implements StreamEvent {}

    /**
     * What was read, as it is at a place in the stream.
     *
     * @param gone keys that were read one by one and have no row
     * @param overtaken how many rows were dropped, because the stream carried newer states
     */
    record FencedRows(List<KeyedRow> present, List<RowKey> gone, int overtaken) {}

    /** A row with its primary key. */
    record KeyedRow(RowKey key, Row row) {}
}
