package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;

/** A change of a watched table. */
record StreamedOther(WatchedChange change) implements StreamedChange {
    private static final int BYTES = 128;

    @Override
    public long bytes() {
        RowKey values = change.values();
        return BYTES + (values == null ? 0 : 2L * values.joined().length());
    }
}
