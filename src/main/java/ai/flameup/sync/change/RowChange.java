package ai.flameup.sync.change;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row of the table, as the stream carries it. Immutable.
 *
 * @param key the row's primary key after the change, or before it for a delete; null if the replica identity lacks it
 * @param row the row after the change; for a delete, those columns of the row that the replica identity has
 */
public record RowChange(
        Position position,
        Kind kind,
        Commit commit,
        @Nullable RowKey key,
        Row row) {

    /**
     * The transaction of a change.
     *
     * @param transaction the 32 bits of the transaction's id that the stream carries, unsigned
     */
    public record Commit(int transaction, Instant at) {}

    public int transaction() {
        return commit.transaction;
    }

    public Instant committedAt() {
        return commit.at;
    }

    public enum Kind {
        INSERT,
        UPDATE,
        /** An update that changed the row's primary key. {@link #DELETE_BY_NEW_KEY} comes right before it. */
        UPDATE_OF_KEY,
        DELETE,
        /** The row's primary key was changed: an update with the new key follows. */
        DELETE_BY_NEW_KEY
    }
}
