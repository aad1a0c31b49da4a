package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfills;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The rows of a backfill by keys in the store, which a condition may have to find first. For one thread. */
final class KeyedRows implements BackfillRows {
    private final StoredKeys keys;
    private final KeySearch search;
    private boolean read;

    KeyedRows(Backfills backfills, FencedTable table, Backfill backfill, KeySearch search) {
        this.keys = new StoredKeys(
                (after, limit) -> backfills.keys(backfill.id(), after, limit),
                (first, last) -> RowKey.of(List.of(Long.toString(last))),
                table.lookup(backfill.id()),
                KeyLookup.Extension.NONE);
        this.search = search;
        keys.seek(backfill.lastOrdinal());
    }

    @Override
    public void next(CountDownLatch stop) throws InterruptedException {
        if (!search.isDone()) {
            search.advance(stop);
        } else {
            read = keys.next(stop) == null && stop.getCount() > 0;
        }
    }

    @Override
    public boolean isWaiting() {
        return search.isRunning();
    }

    @Override
    public boolean isHopeless() {
        return search.isHopeless();
    }

    @Override
    public boolean isRead() {
        return read;
    }
}
