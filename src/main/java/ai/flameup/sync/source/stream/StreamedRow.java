package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;

/**
 * One change of a row as the stream carries it, without its place in the stream.
 *
 * @param row the values of all columns that are read, in their order
 */
record StreamedRow(RowChange.Kind kind, Row row) implements StreamedChange {
    private static final int ROW_BYTES = 96;
    private static final int VALUE_BYTES = 48;

    /** A character may take two bytes. */
    @Override
    public long bytes() {
        long bytes = ROW_BYTES;
        for (int i = 0; i < row.size(); i++) {
            String value = row.has(i) ? row.get(i) : null;
            bytes += value == null ? Integer.BYTES : VALUE_BYTES + 2L * value.length();
        }
        return bytes;
    }
}
