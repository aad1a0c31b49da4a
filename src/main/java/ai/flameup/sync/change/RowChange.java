package ai.flameup.sync.change;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row of the table, as the stream carries it. Immutable.
 *
 * @param transaction the 32 bits of the transaction's id that the stream carries, unsigned
 * @param key the row's primary key after the change (before it, for a delete); null where the table's replica identity
 *     does not tell
 * @param row the row after the change; for a delete what the replica identity tells of the row before it
 */
public record RowChange(
        Position position,
        Kind kind,
        int transaction,
        Instant committedAt,
        @Nullable RowKey key,
        Row row) {

    public enum Kind {
        INSERT,
        UPDATE,
        /** An update that gave the row another primary key; {@link #DELETE_BY_NEW_KEY} comes right before it. */
        UPDATE_OF_KEY,
        DELETE,
        /** The row lives on under another primary key: an insert of the new one follows. */
        DELETE_BY_NEW_KEY
    }
}
