package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.pending.StoredKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of keys in the store through the fence, a page at a time, in the order of their ids. Every cause of reading by key
 * uses it. The keys stay in the store until the rows are settled. For one thread.
 */
final class StoredKeys {
    private final Keys keys;
    private final Progress progress;
    private final KeyLookup lookup;
    private final KeyLookup.Extension extension;
    private final PageSize size = new PageSize();
    private long last;

    /** The keys of one cause. */
    interface Keys {
        /**
         * Returns a page of them, ordered by id. No two are equal.
         *
         * @param afterId the last id of the previous page
         */
        List<StoredKey> page(long afterId, int limit);
    }

    /** What the acknowledgement of a page settles. */
    interface Progress {
        /** Nothing: the rows are settled one by one. */
        Progress NONE = (first, last) -> null;

        /**
         * Returns the progress of a page.
         *
         * @param first the id of its first key
         * @param last the id of its last key
         */
        @Nullable
        RowKey of(long first, long last);
    }

    /** @param extension finds further rows that are read in the same snapshot */
    StoredKeys(Keys keys, Progress progress, KeyLookup lookup, KeyLookup.Extension extension) {
        this.keys = keys;
        this.progress = progress;
        this.lookup = lookup;
        this.extension = extension;
    }

    /** Continues after a key; 0 for the first. */
    void seek(long afterId) {
        last = afterId;
    }

    /** The id of the last key that was read, or after which to continue. */
    long last() {
        return last;
    }

    /** Reads the next page. Returns its keys without a row; null if there is no page, or when stopped. */
    @Nullable
    Set<RowKey> next(CountDownLatch stop) throws InterruptedException {
        List<StoredKey> page = keys.page(last, size.rows(lookup.maxRows()));
        if (page.isEmpty()) {
            return null;
        }
        long first = page.get(0).id();
        KeyLookup.Found found = lookup.read(
                page.stream().map(StoredKey::key).toList(),
                covered -> progress.of(first, page.get(covered - 1).id()),
                extension,
                stop);
        if (found == null) {
            return null;
        }
        last = page.get(found.covered() - 1).id();
        size.read(page.size(), found.covered());
        return Set.copyOf(found.gone());
    }
}
