package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the stream brings, in its own order. */
public sealed interface StreamEvent {

    /**
     * @param relayed whether it was committed at another server, which {@link RowChange#committedAt} is the time of, and
     *     came here by replication later
     */
    record Changed(RowChange change, boolean relayed) implements StreamEvent {}

    /**
     * The next change gives a row another primary key.
     *
     * @param position of that change
     */
    record Rekeyed(Position position, RowKey from, RowKey to) implements StreamEvent {}

    /** Every change of every transaction that committed up to here has been handed over. */
    record Reached(Lsn commit) implements StreamEvent {}

    /**
     * A marker of {@code Markers.passing} or {@code Markers.beat} that this process has written: everything committed before it was asked for has been
     * handed over.
     *
     * @param beat whether it is a heartbeat
     */
    record Passed(String marker, boolean beat) implements StreamEvent {}

    /**
     * Rows from the fence, at their place in the stream: they are the newest states of their rows here.
     *
     * @param overtaken how many more were read, of which the stream brought newer states
     * @param progress where the scan has come to once these rows, and all that it brought before, are settled; null
     *     where the scan has to look at some of the rows again first
     */
    record Fenced(
            long scan,
            List<KeyedRow> rows,
            int overtaken,
            @Nullable RowKey progress) implements StreamEvent {}

    record KeyedRow(RowKey key, Row row) {}
}
