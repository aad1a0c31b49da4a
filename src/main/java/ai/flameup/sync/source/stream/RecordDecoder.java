package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowChange.Kind;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.slot.Gap;
import ai.flameup.sync.source.slot.Publication;
import io.debezium.connector.postgresql.SourceInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
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
    private static final String NEW_KEY_HEADER = "__debezium.newkey";
    private static final String OLD_KEY_HEADER = "__debezium.oldkey";

    private final PostgresSettings settings;
    private final Table table;
    private final List<Column> read;
    private final Fence fence;
    private final Markers markers;

    private Lsn reached;
    /** The former key of the row whose new key comes with the next change; null if there is none. */
    private @Nullable RowKey formerKey;

    private long ordinal;
    private @Nullable Schema schema;
    private @Nullable Field[] fields = {};
    private JsonKind[] kinds = {};

    /** @param from the position at which the stream starts */
    RecordDecoder(PostgresSettings settings, Table table, Fence fence, Markers markers, Lsn from) {
        this.settings = settings;
        this.table = table;
        this.read = table.read();
        this.fence = fence;
        this.markers = markers;
        this.reached = from;
    }

    void decode(SourceRecord record, Consumer<StreamEvent> events) {
        Object commit = record.sourceOffset().get(StoredOffsets.COMMIT);
        if (commit instanceof Long lsn && lsn != reached.value()) {
            reached = new Lsn(lsn);
            ordinal = 0;
            events.accept(new StreamEvent.CommitReached(reached));
        }
        if (!(record.value() instanceof Struct value)) {
            return;
        }
        if (value.schema().field("op") == null) {
            // A heartbeat of Debezium: it only reports the position.
            return;
        }
        checkTable(value);
        switch (value.getString("op")) {
            // A new primary key comes as a delete and a create, but the row existed before.
            case "c", "r" ->
                change(
                        value,
                        record.headers().lastWithName(OLD_KEY_HEADER) == null ? Kind.INSERT : Kind.UPDATE_OF_KEY,
                        "after",
                        events);
            case "u" -> change(value, Kind.UPDATE, "after", events);
            case "d" ->
                change(
                        value,
                        record.headers().lastWithName(NEW_KEY_HEADER) == null ? Kind.DELETE : Kind.DELETE_BY_NEW_KEY,
                        "before",
                        events);
            case "t" ->
                LOG.warn("The table was truncated. Nothing is sent for its rows, so the persons stay at Flameup");
            case "m" -> message(value.getStruct("message"), events);
            default -> throw new IllegalStateException("unknown operation " + value.getString("op"));
        }
    }

    /**
     * Checks that a change is one of our table. Debezium joins names with a dot, so it cannot tell {@code "a"."b.c"} from
     * {@code "a.b"."c"}.
     *
     * @throws Fault 3 if the change is another table's. The start rejects this, but the publication may change later
     */
    private void checkTable(Struct value) {
        Struct source = value.getStruct("source");
        if (!value.getString("op").equals("m")
                && !(settings.table().equals(source.getString("table"))
                        && settings.schema().equals(source.getString("schema")))) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    Publication.ambiguousTable(settings, source.getString("schema"), source.getString("table")));
        }
    }

    /** Reports that the listener has taken all decoded events. */
    void batchDelivered() {
        fence.batchDelivered();
    }

    private void message(Struct message, Consumer<StreamEvent> events) {
        if (!Markers.PREFIX.equals(message.getString("prefix"))) {
            return;
        }
        String content = new String(Base64.getDecoder().decode(message.getString("content")), StandardCharsets.UTF_8);
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

    private void change(Struct value, Kind kind, String state, Consumer<StreamEvent> events) {
        Struct source = value.getStruct("source");
        Struct struct = value.getStruct(state);
        boolean keyOnly = kind == Kind.DELETE || kind == Kind.DELETE_BY_NEW_KEY;
        // In a delete, columns outside the replica identity are null.
        boolean full = !keyOnly || isFull(struct);
        @Nullable String[] values = new String[read.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = struct == null ? Row.absent() : text(struct, i, full);
        }
        RowChange change = new RowChange(
                new Position(reached, ordinal++),
                kind,
                new RowChange.Commit(
                        source.getInt64("txId").intValue(), Instant.ofEpochMilli(source.getInt64("ts_ms"))),
                key(values),
                Row.of(kinds, Arrays.copyOf(values, table.columns().size())));
        fence.recordChange(change);
        RowKey from = formerKey;
        RowKey to = change.key();
        if (kind == Kind.UPDATE_OF_KEY && from != null && to != null) {
            events.accept(new StreamEvent.Rekeyed(change.position(), from, to));
        }
        formerKey = kind == Kind.DELETE_BY_NEW_KEY ? to : null;
        events.accept(new StreamEvent.Changed(change, source.getString(SourceInfo.ORIGIN_KEY) != null));
    }

    /** A primary key is never null. If it is null, the replica identity is another index. */
    private boolean isFull(@Nullable Struct before) {
        if (before == null) {
            return false;
        }
        boolean more = false;
        for (int i = 0; i < read.size(); i++) {
            Field field = field(before.schema(), i);
            boolean present = field != null && before.get(field) != null;
            if (!table.key().contains(read.get(i))) {
                more |= present;
            } else if (!present) {
                return false;
            }
        }
        return more;
    }

    private @Nullable String text(Struct struct, int column, boolean full) {
        Field field = field(struct.schema(), column);
        if (field == null) {
            // The table was altered after the change, or the column is generated.
            return Row.unread();
        }
        Object value = struct.getWithoutDefault(field.name());
        if (value == null && !full) {
            return Row.absent();
        }
        return (String) value;
    }

    @SuppressWarnings("ReferenceEquality")
    private @Nullable RowKey key(@Nullable String[] values) {
        List<String> key = new ArrayList<>(table.key().size());
        for (Column column : table.key()) {
            String value = values[read.indexOf(column)];
            if (value == Row.unread()) {
                throw Gap.of(
                        "a row was changed while column %s of the primary key was missing or had another name, so the row is not known"
                                .formatted(column.name()));
            }
            if (value == null || value == Row.absent()) {
                return null;
            }
            key.add(value);
        }
        return RowKey.of(key);
    }

    /** Returns the field of a column; null if the struct has none. */
    private @Nullable Field field(Schema of, int column) {
        if (of != schema) {
            schema = of;
            fields = new Field[read.size()];
            kinds = new JsonKind[read.size()];
            for (int i = 0; i < fields.length; i++) {
                Field found = of.field(read.get(i).name());
                fields[i] = found;
                kinds[i] = found == null
                        ? JsonKind.STRING
                        : JsonKind.valueOf(found.schema().name());
            }
        }
        return fields[column];
    }
}
