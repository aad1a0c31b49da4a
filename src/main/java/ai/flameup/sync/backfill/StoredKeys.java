package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.pending.DeferredRow;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Reads the rows of keys in the store through the fence, a page at a time, in the order in which they were stored. The keys stay
 * in the store until the rows are settled. For one thread.
 */
final class StoredKeys {
    private final Page keys;
    private final KeyLookup lookup;
    private final KeyLookup.Extension extension;
    private final PageSize page = new PageSize();
    private long last;

    /** A page of the keys. */
    interface Page {
        /** @param afterId the last id of the previous page; 0 for the first page */
        List<DeferredRow> after(long afterId, int limit);
    }

    /** @param extension finds further rows that are read in the same snapshot */
    StoredKeys(Page keys, KeyLookup lookup, KeyLookup.Extension extension) {
        this.keys = keys;
        this.lookup = lookup;
        this.extension = extension;
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    boolean next(CountDownLatch stop) throws InterruptedException {
        List<DeferredRow> rows = keys.after(last, page.rows());
        if (rows.isEmpty()) {
            return false;
        }
        List<RowKey> wanted = rows.stream().map(DeferredRow::key).toList();
        long from = rows.get(0).id();
        KeyLookup.Found found = lookup.read(
                wanted, covered -> new KeyRange(from, rows.get(covered - 1).id()).progress(), extension, stop);
        if (found == null) {
            return false;
        }
        last = rows.get(found.covered() - 1).id();
        page.read(wanted.size(), found.covered());
        return true;
    }
}
