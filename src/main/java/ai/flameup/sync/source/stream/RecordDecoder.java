package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowChange.Kind;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.slot.Gap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts Debezium's records into stream events. One instance for each run of the engine, because it counts the changes of a
 * transaction. For the engine's thread.
 */
final class RecordDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(RecordDecoder.class);

    private final Table table;
    /** The places of the key's columns among those that are read. */
    private final int[] key;

    private final boolean hasExpressions;
    private final Fence fence;
    private final Markers markers;
    private final BundleQueue bundles;

    private Lsn reached;
    /** The former key of the row whose new key comes with the next change; null if there is none. */
    private @Nullable RowKey formerKey;

    private long ordinal;

    /** @param from the position at which the stream starts */
    RecordDecoder(Table table, Fence fence, Markers markers, BundleQueue bundles, Lsn from) {
        this.table = table;
        this.key = table.key().stream().mapToInt(table.read()::indexOf).toArray();
        this.hasExpressions = table.columns().stream().anyMatch(Column::isExpression);
        this.fence = fence;
        this.markers = markers;
        this.bundles = bundles;
        this.reached = from;
    }

    void decode(SourceRecord record, Consumer<StreamEvent> events) {
        Object commit = record.sourceOffset().get(StoredOffsets.COMMIT);
        if (commit instanceof Long lsn && lsn != reached.value()) {
            reached = new Lsn(lsn);
            ordinal = 0;
            events.accept(new StreamEvent.CommitReached(reached));
        }
        // A heartbeat of Debezium only reports the position.
        if (record.value() instanceof Struct value && value.schema().field("message") != null) {
            message(value.getStruct("message"), events);
        }
    }

    /** Reports that the listener has taken all decoded events. */
    void batchDelivered() {
        fence.batchDelivered();
        bundles.delivered();
    }

    private void message(Struct message, Consumer<StreamEvent> events) {
        String prefix = message.getString("prefix");
        String content = new String(Base64.getDecoder().decode(message.getString("content")), StandardCharsets.UTF_8);
        if (prefix.equals(bundles.prefix())) {
            RowBundle bundle = bundles.take(Long.parseLong(content));
            for (StreamedChange change : bundle.rows()) {
                if (change instanceof StreamedRow row) {
                    change(bundle, row, events);
                } else if (change instanceof StreamedOther other) {
                    watched(bundle, other.change(), events);
                }
            }
        } else if (prefix.equals(Markers.PREFIX)) {
            marker(content, events);
        }
    }

    private void marker(String content, Consumer<StreamEvent> events) {
        if (!markers.isOurs(content)) {
            LOG.debug("Ignored a message with our prefix that is not ours: length={}", content.length());
            return;
        }
        if (Markers.isHeartbeat(content)) {
            fence.advance(Markers.snapshotOf(content));
            events.accept(new StreamEvent.MarkerReached(Markers.nameOf(content), true));
            return;
        }
        StreamEvent.Fenced rows = fence.markerArrived(content, new Position(reached, ordinal));
        events.accept(rows == null ? new StreamEvent.MarkerReached(content, false) : rows);
    }

    private void change(RowBundle bundle, StreamedRow streamed, Consumer<StreamEvent> events) {
        Kind kind = streamed.kind();
        RowChange change = new RowChange(
                new Position(reached, ordinal++),
                kind,
                bundle.commit(),
                key(streamed.row()),
                streamed.row().first(table.columns().size()));
        fence.recordChange(change, hasExpressions);
        RowKey from = formerKey;
        RowKey to = change.key();
        if (kind == Kind.UPDATE_OF_KEY && from != null && to != null) {
            events.accept(new StreamEvent.Rekeyed(change.position(), from, to));
        }
        formerKey = kind == Kind.DELETE_BY_NEW_KEY ? to : null;
        events.accept(new StreamEvent.Changed(change, bundle.relayed()));
    }

    /** It has no number of its own: those of our table's rows stay the same when other tables are watched. */
    private void watched(RowBundle bundle, WatchedChange change, Consumer<StreamEvent> events) {
        fence.recordWatched(bundle.commit().transaction());
        events.accept(new StreamEvent.Watched(new Position(reached, ordinal), change));
    }

    private @Nullable RowKey key(Row read) {
        List<String> values = new ArrayList<>(key.length);
        for (int i = 0; i < key.length; i++) {
            if (read.isUnread(key[i])) {
                throw Gap.of(
                        "a row was changed while column %s of the primary key was missing or had another name, so the row is not known"
                                .formatted(table.key().get(i).name()));
            }
            String value = read.has(key[i]) ? read.get(key[i]) : null;
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return RowKey.of(values);
    }
}
