package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.source.WatchedTable;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * Finds the values by which a change of a watched table is matched with rows of our table: those before the change, as far as the
 * replica identity has them, and those after it. For the thread that reads the stream.
 */
final class WatchedReader {
    private final WatchedTable watched;

    WatchedReader(WatchedTable watched) {
        this.watched = watched;
    }

    /** Reads an insert, an update, a delete or a truncate. */
    void read(ReplicationMessage message, Consumer<? super StreamedChange> changes) {
        Set<WatchedChange> found = new LinkedHashSet<>();
        List<ReplicationMessage.Column> before = message.getOldTupleList();
        List<ReplicationMessage.Column> after = message.getNewTupleList();
        if (message.getOperation() == Operation.TRUNCATE) {
            found.add(WatchedChange.ofAny(watched.id()));
        }
        if (before != null) {
            values(before, null).ifPresent(found::add);
        }
        if (after != null) {
            values(after, before).ifPresent(found::add);
        }
        found.forEach(change -> changes.accept(new StreamedOther(change)));
    }

    /**
     * Returns the values of a tuple; empty if one is null, which equals nothing. The columns outside the replica identity come as
     * nulls in the tuple before a change.
     *
     * @param before has the large values that did not change; null if the stream does not carry it
     */
    private Optional<WatchedChange> values(
            List<ReplicationMessage.Column> tuple, @Nullable List<ReplicationMessage.Column> before) {
        List<String> values = new ArrayList<>();
        for (WatchedTable.Match match : watched.match()) {
            ReplicationMessage.Column column = column(tuple, match);
            if (column != null && column.isToastedColumn()) {
                column = before == null ? null : column(before, match);
            }
            if (column == null || column.isToastedColumn()) {
                // The column had another name, or the value is not in the stream.
                return Optional.of(WatchedChange.ofAny(watched.id()));
            }
            // Every type is an enum to Debezium, whose values are texts that need no connection.
            String text = (String) column.getValue(WatchedReader::noConnection, true);
            if (text == null) {
                return Optional.empty();
            }
            values.add(text);
        }
        return Optional.of(new WatchedChange(watched.id(), RowKey.of(values)));
    }

    private static ReplicationMessage.@Nullable Column column(
            List<ReplicationMessage.Column> tuple, WatchedTable.Match match) {
        for (ReplicationMessage.Column column : tuple) {
            if (column.getName().equals(match.theirs().name())) {
                return column;
            }
        }
        return null;
    }

    private static BaseConnection noConnection() {
        throw new IllegalStateException("a text needs no connection");
    }
}
