package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.rows.RowSearch;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Searches.Search;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the rows that changes of watched tables concern, and stores their keys, so that the rows are read again: those of a change
 * with few rows at once, and those of a change with many behind live changes. A change is removed from the store only after the keys
 * of all its rows are stored. One thread calls {@link #next}; the other methods may be called from any thread.
 */
public final class SearchReader {
    private static final Logger LOG = LoggerFactory.getLogger(SearchReader.class);
    private static final int CHANGES_AT_ONCE = 500;
    /** Reading begins before the search ends. */
    private static final int REPORTED = 2_000;

    /** The rows of a change with more are read behind live changes. */
    private static final int FEW_ROWS = 100;

    private final StateStore store;
    private final StateWriter writer;
    private final List<WatchedTable> watched;
    private final RowSearch search;
    private final Runnable found;
    private final boolean sendsExistingRows;
    /** Initially true, because earlier processes may have left changes. */
    private final AtomicBoolean asked = new AtomicBoolean(true);

    /**
     * @param found called when keys of rows to read are being stored
     * @param sendsExistingRows false if rows that are older than the first start are not sent unless they are changed
     */
    public SearchReader(
            StateStore store, StateWriter writer, FencedTable table, Runnable found, boolean sendsExistingRows) {
        this.store = store;
        this.writer = writer;
        this.watched = table.table().watched();
        this.search = new RowSearch(table.database(), table.table());
        this.found = found;
        this.sendsExistingRows = sendsExistingRows;
    }

    /** A change is being stored. */
    public void request() {
        asked.set(true);
    }

    /**
     * Searches for the rows of the next changes, if there are any.
     *
     * @return whether there were any
     */
    public boolean next(CountDownLatch stop) {
        if (!asked.getAndSet(false)) {
            return false;
        }
        writer.flush();
        List<Search> changes = store.searches().next(CHANGES_AT_ONCE);
        if (changes.isEmpty()) {
            return false;
        }
        asked.set(true);
        String watch = changes.get(0).change().watch();
        Optional<WatchedTable> table =
                watched.stream().filter(one -> one.id().equals(watch)).findFirst();
        if (table.isEmpty()) {
            LOG.info("Changes dropped, because mapping.watch no longer lists the table: {}", watch);
        } else {
            search(table.get(), changes, stop);
        }
        changes.forEach(change -> writer.add(new StateUpdate.SearchDone(change.id())));
        found.run();
        return true;
    }

    private void search(WatchedTable table, List<Search> changes, CountDownLatch stop) {
        List<RowKey> values = new ArrayList<>();
        boolean isAny = false;
        for (Search change : changes) {
            RowKey one = change.change().values();
            isAny |= one == null;
            if (one != null) {
                values.add(one);
            }
        }
        // Otherwise a change of many rows with one user each would delay live changes.
        boolean isEachOfMany = values.size() == CHANGES_AT_ONCE;
        int failed = values.isEmpty() ? 0 : find(table, values, isEachOfMany, stop);
        if (failed > 0) {
            LOG.warn("Values of {} cannot be compared any more: changes={}", table.name(), failed);
        }
        if (isAny || failed > 0) {
            queueBackfill(table);
        }
    }

    /** Returns the number of values that cannot be compared. */
    private int find(WatchedTable table, List<RowKey> values, boolean isEachOfMany, CountDownLatch stop) {
        Rows rows = new Rows(isEachOfMany);
        try {
            search.find(table, values, rows, () -> stop.getCount() > 0);
        } catch (Fault fault) {
            if (!PostgresFailures.isOfValue(fault)) {
                throw fault;
            }
            int half = values.size() / 2;
            return half == 0
                    ? 1
                    : find(table, values.subList(0, half), isEachOfMany, stop)
                            + find(table, values.subList(half, values.size()), isEachOfMany, stop);
        }
        rows.end();
        LOG.debug("Rows found: table={}, changes={}, rows={}", table.name(), values.size(), rows.count);
        return 0;
    }

    /** The rows are not known. */
    private void queueBackfill(WatchedTable table) {
        if (!sendsExistingRows) {
            LOG.warn(
                    "The rows that a change of {} concerns are not known: the table was truncated, or a column of mapping.watch was"
                            + " altered. delivery.first-load is none, so no existing row is sent. Run `flameup-sync backfill start"
                            + " --all --changed-only` to send them",
                    table.name());
            return;
        }
        boolean isQueued = store.backfills().open().stream()
                .anyMatch(one -> one.state() == Backfill.State.QUEUED
                        && one.lastKey() == null
                        && one.kind() == Backfill.Kind.ALL
                        && one.changedOnly());
        if (!isQueued) {
            Backfill queued =
                    store.backfills().add(new Backfill.Scope(Backfill.Kind.ALL, null, true), "changed " + table.name());
            LOG.info(
                    "The rows that a change of {} concerns are not known: the table was truncated, or a column of mapping.watch"
                            + " was altered. Backfill {} sends the rows whose state differs from what Flameup has",
                    table.name(),
                    queued.id());
        }
    }

    /** Stores the keys of the rows that are found, in the order of the changes. */
    private final class Rows implements RowSearch.Found {
        private final List<RowKey> few = new ArrayList<>();
        private final boolean isEachOfMany;
        private int change = -1;
        private boolean isMany;
        private long count;

        Rows(boolean isEachOfMany) {
            this.isEachOfMany = isEachOfMany;
        }

        @Override
        public void row(int of, RowKey key) {
            if (of != change) {
                end();
                change = of;
                isMany = isEachOfMany;
            }
            count++;
            few.add(key);
            if (few.size() > FEW_ROWS || isMany) {
                isMany = true;
                few.forEach(row -> writer.add(new StateUpdate.ChangeDeferred(row)));
                few.clear();
                if (count % REPORTED == 0) {
                    found.run();
                }
            }
        }

        void end() {
            few.forEach(row -> writer.add(new StateUpdate.RereadRequested(row)));
            few.clear();
        }
    }
}
