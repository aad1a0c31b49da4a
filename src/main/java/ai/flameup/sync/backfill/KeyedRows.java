package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfills;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The rows of a backfill by keys in the store, which a condition may have to find first. For one thread. */
final class KeyedRows implements BackfillRows {
    private final Backfills backfills;
    private final long id;
    private final KeyLookup lookup;
    private final KeySearch search;
    /** Shared by all backfills of a run. */
    private final PageSize pageSize;

    private long after;
    private boolean read;

    KeyedRows(Backfills backfills, FencedTable table, Backfill backfill, KeySearch search, PageSize pageSize) {
        this.backfills = backfills;
        this.id = backfill.id();
        this.lookup = table.lookup(id);
        this.search = search;
        this.pageSize = pageSize;
        this.after = backfill.lastOrdinal();
    }

    @Override
    public void next(CountDownLatch stop) throws InterruptedException {
        if (!search.isDone()) {
            search.advance(stop);
            return;
        }
        List<RowKey> keys = backfills.keys(id, after, pageSize.rows());
        if (keys.isEmpty()) {
            read = true;
            return;
        }
        long before = after;
        KeyLookup.Found page = lookup.read(keys, covered -> RowKey.of(List.of(Long.toString(before + covered))), stop);
        if (page != null) {
            after = before + page.covered();
            pageSize.read(keys.size(), page.covered());
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
