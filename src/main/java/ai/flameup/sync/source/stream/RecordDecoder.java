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
 * Turns Debezium's records into stream events. One for each run of the engine: it counts the places within a
 * transaction. Only for the engine's thread.
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
    /** Of the row whose new primary key comes with the next change. */
    private @Nullable RowKey formerKey;

    private long ordinal;
    private @Nullable Schema schema;
    private @Nullable Field[] fields = {};
    private JsonKind[] kinds = {};

    /**
     * @param from the position that the stream was started from
     */
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
            events.accept(new StreamEvent.Reached(reached));
        }
        if (!(record.value() instanceof Struct value)) {
            return;
        }
        if (value.schema().field("op") == null) {
            // A heartbeat: it only says how far the stream has come.
            return;
        }
        checkTable(value);
        switch (value.getString("op")) {
            // A new primary key comes as a delete and a create, but the row was there before.
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
            case "t" -> LOG.warn("The table was truncated: nothing is sent for it, and the persons stay at Flameup");
            case "m" -> message(value.getStruct("message"), events);
            default -> throw new IllegalStateException("unknown operation " + value.getString("op"));
        }
    }

    /**
     * Debezium joins names by a dot, so {@code "a"."b.c"} and {@code "a.b"."c"} are one to it, and so are their rows.
     *
     * @throws Fault 3 where both are published, which is refused at the start, but may come to be so later
     */
    private void checkTable(Struct value) {
        Struct source = value.getStruct("source");
        if (!value.getString("op").equals("m")
                && !(settings.table().equals(source.getString("table"))
                        && settings.schema().equals(source.getString("schema")))) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    Publication.alike(settings, source.getString("schema"), source.getString("table")));
        }
    }

    /** What was decoded so far was taken. */
    void handedOver() {
        fence.handedOver();
    }

    private void message(Struct message, Consumer<StreamEvent> events) {
        if (!Markers.PREFIX.equals(message.getString("prefix"))) {
            return;
        }
        String content = new String(Base64.getDecoder().decode(message.getString("content")), StandardCharsets.UTF_8);
        if (!markers.isOurs(content)) {
            LOG.debug("A message with our prefix is not ours: {} characters", content.length());
            return;
        }
        if (Markers.isBeat(content)) {
            fence.advance(Markers.snapshotOf(content));
            events.accept(new StreamEvent.Passed(Markers.nameOf(content), true));
            return;
        }
        StreamEvent.Fenced rows = fence.arrived(content);
        events.accept(rows == null ? new StreamEvent.Passed(content, false) : rows);
    }

    private void change(Struct value, Kind kind, String state, Consumer<StreamEvent> events) {
        Struct source = value.getStruct("source");
        Struct struct = value.getStruct(state);
        boolean keyOnly = kind == Kind.DELETE || kind == Kind.DELETE_BY_NEW_KEY;
        // What the replica identity does not cover is null in a delete.
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
        fence.saw(change);
        RowKey from = formerKey;
        RowKey to = change.key();
        if (kind == Kind.UPDATE_OF_KEY && from != null && to != null) {
            events.accept(new StreamEvent.Rekeyed(change.position(), from, to));
        }
        formerKey = kind == Kind.DELETE_BY_NEW_KEY ? to : null;
        events.accept(new StreamEvent.Changed(change, source.getString(SourceInfo.ORIGIN_KEY) != null));
    }

    /** A primary key is never null: where it is, the replica identity is another index. */
    private boolean isFull(@Nullable Struct before) {
        if (before == null) {
            return false;
        }
        boolean more = false;
        for (int i = 0; i < read.size(); i++) {
            Field field = field(before.schema(), i);
            boolean told = field != null && before.get(field) != null;
            if (!table.key().contains(read.get(i))) {
                more |= told;
            } else if (!told) {
                return false;
            }
        }
        return more;
    }

    private @Nullable String text(Struct struct, int column, boolean full) {
        Field field = field(struct.schema(), column);
        if (field == null) {
            // The table was altered between the change and now, or the column is generated.
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
                        "something was changed while column %s of the primary key was not there, or bore another name, so that nobody can tell which row"
                                .formatted(column.name()));
            }
            if (value == null || value == Row.absent()) {
                return null;
            }
            key.add(value);
        }
        return RowKey.of(key);
    }

    /** Null where the struct has no such column. */
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
