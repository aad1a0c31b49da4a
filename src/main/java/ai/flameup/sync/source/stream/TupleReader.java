package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange.Kind;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.type.TypeCatalog;
import ai.flameup.sync.source.type.ValueType;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * Converts what Debezium has decoded into rows of canonical texts. What a change omits or cannot carry becomes {@link
 * Row#absent} or {@link Row#unread}, which are compared by identity. For the thread that reads the stream.
 */
final class TupleReader {
    private static final int MISSING = -1;

    private final List<Column> read;
    private final boolean[] isKey;
    private final TypeCatalog types;
    /** Of the latest change. */
    private Layout layout;

    /** The columns of the table at the time of a change. */
    private static final class Layout {
        /** The names of all columns, and the oids of their types. */
        private final String[] names;

        private final int[] oids;
        /** The places of the columns that are read, or {@link #MISSING}. */
        private final int[] places;
        /** The types of the columns that are read; undefined for a missing one. */
        private final ValueType[] types;

        private final JsonKind[] kinds;

        Layout(List<ReplicationMessage.Column> columns, List<Column> read, TypeCatalog catalog) {
            names = columns.stream().map(ReplicationMessage.Column::getName).toArray(String[]::new);
            oids = columns.stream()
                    .mapToInt(column -> column.getType().getOid())
                    .toArray();
            List<String> all = List.of(names);
            places = read.stream()
                    .mapToInt(column -> column.isExpression() ? MISSING : all.indexOf(column.name()))
                    .toArray();
            types = new ValueType[places.length];
            kinds = new JsonKind[places.length];
            for (int i = 0; i < places.length; i++) {
                if (places[i] == MISSING) {
                    kinds[i] = JsonKind.STRING;
                } else {
                    types[i] = catalog.of(oids[places[i]]);
                    kinds[i] = types[i].kind();
                }
            }
        }

        boolean fits(List<ReplicationMessage.Column> columns) {
            if (columns.size() != names.length) {
                return false;
            }
            for (int i = 0; i < names.length; i++) {
                ReplicationMessage.Column column = columns.get(i);
                if (column.getType().getOid() != oids[i] || !names[i].equals(column.getName())) {
                    return false;
                }
            }
            return true;
        }
    }

    TupleReader(Table table, TypeCatalog types) {
        this.read = table.read();
        this.types = types;
        this.layout = new Layout(List.of(), read, types);
        this.isKey = new boolean[read.size()];
        for (int i = 0; i < isKey.length; i++) {
            isKey[i] = table.key().contains(read.get(i));
        }
    }

    /**
     * Reads an insert, an update or a delete. An update that changes the primary key becomes two rows.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the type of a column cannot be read
     */
    void read(ReplicationMessage message, Consumer<? super StreamedRow> rows) {
        List<ReplicationMessage.Column> before = message.getOldTupleList();
        switch (message.getOperation()) {
            case INSERT -> rows.accept(row(Kind.INSERT, after(message.getNewTupleList(), null)));
            case UPDATE -> {
                // The old tuple is there if it is the whole row, or if a column of the replica identity changed.
                @Nullable String[] values = after(message.getNewTupleList(), before);
                if (before == null || hasKeyOf(before, values)) {
                    rows.accept(row(Kind.UPDATE, values));
                } else {
                    rows.accept(row(Kind.DELETE_BY_NEW_KEY, before(before)));
                    rows.accept(row(Kind.UPDATE_OF_KEY, values));
                }
            }
            case DELETE -> rows.accept(row(Kind.DELETE, before(before)));
            default -> throw new IllegalStateException("unknown operation " + message.getOperation());
        }
    }

    private StreamedRow row(Kind kind, @Nullable String[] values) {
        return new StreamedRow(kind, Row.of(layout.kinds, values));
    }

    /** Returns the row after a change. A large value that did not change is in the tuple before, or is absent. */
    private @Nullable String[] after(
            List<ReplicationMessage.Column> tuple, @Nullable List<ReplicationMessage.Column> before) {
        adopt(tuple);
        @Nullable String[] values = new String[layout.places.length];
        for (int i = 0; i < values.length; i++) {
            int place = layout.places[i];
            if (place == MISSING || !tuple.get(place).isToastedColumn()) {
                values[i] = text(tuple, i);
            } else {
                String former = before == null ? null : text(before, i);
                values[i] = former == null ? Row.absent() : former;
            }
        }
        return values;
    }

    /** Returns the row before a change. The columns outside the replica identity come as nulls. */
    private @Nullable String[] before(List<ReplicationMessage.Column> tuple) {
        adopt(tuple);
        @Nullable String[] values = new String[layout.places.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = text(tuple, i);
        }
        if (!isFull(values)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = values[i] == null ? Row.absent() : values[i];
            }
        }
        return values;
    }

    /** A primary key is never null. If it is null, the replica identity is another index. */
    private boolean isFull(@Nullable String[] values) {
        boolean more = false;
        for (int i = 0; i < values.length; i++) {
            boolean present = layout.places[i] != MISSING && values[i] != null;
            if (!isKey[i]) {
                more |= present;
            } else if (!present) {
                return false;
            }
        }
        return more;
    }

    private boolean hasKeyOf(List<ReplicationMessage.Column> before, @Nullable String[] values) {
        for (int i = 0; i < values.length; i++) {
            if (isKey[i] && !Objects.equals(text(before, i), values[i])) {
                return false;
            }
        }
        return true;
    }

    private @Nullable String text(List<ReplicationMessage.Column> tuple, int column) {
        int place = layout.places[column];
        if (place == MISSING) {
            // The table was altered after the change, or the column is generated or an expression.
            return Row.unread();
        }
        ReplicationMessage.Column value = tuple.get(place);
        if (value.isToastedColumn()) {
            return Row.absent();
        }
        // Every type is an enum to Debezium, whose values are texts that need no connection.
        String text = (String) value.getValue(TupleReader::noConnection, true);
        ValueType type = layout.types[column];
        return text == null ? null : type.isStreamed() ? type.ofText(text) : Row.unread();
    }

    private static BaseConnection noConnection() {
        throw new IllegalStateException("a text needs no connection");
    }

    private void adopt(List<ReplicationMessage.Column> tuple) {
        if (!layout.fits(tuple)) {
            layout = new Layout(tuple, read, types);
        }
    }
}
