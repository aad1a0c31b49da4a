package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a state arrives.
 *
 * @param position its place in the stream
 * @param key of the row; null if it is not known
 * @param unit what its acknowledgement settles
 * @param origin where it comes from
 * @param mustSend whether it is sent even if the API has it already
 */
record Arrival(Position position, @Nullable RowKey key, AckUnit unit, Origin origin, boolean mustSend) {
    /**
     * Where a state comes from.
     *
     * @param isStream whether the stream delivers it; otherwise its row was read
     * @param isLive whether it is sent before rows for which no change waits
     * @param isForUnsent whether it is sent in place of earlier changes that were not sent
     * @param isOfWholePage whether its row was read in a page of which no row has to be read again
     * @param readWith as in {@link Event.Row}, without those of whom a later state is not sent
     */
    record Origin(boolean isStream, boolean isLive, boolean isForUnsent, boolean isOfWholePage, Set<String> readWith) {
        static final Origin STREAM = new Origin(true, true, false, false, Set.of());
        static final Origin STREAM_FOR_UNSENT = new Origin(true, true, true, false, Set.of());

        /** The same, but read with the rows of others. */
        Origin readWith(Set<String> others) {
            return new Origin(isStream, isLive, isForUnsent, isOfWholePage, others);
        }

        static Origin of(Event.ChunkStarted chunk, Set<String> readWith) {
            Event.Scan scan = chunk.scan();
            return new Origin(false, scan.isUrgent(), scan.isForUnsent(), chunk.upTo() != null, readWith);
        }
    }

    boolean isFromStream() {
        return origin.isStream;
    }

    boolean isLive() {
        return origin.isLive;
    }
}
