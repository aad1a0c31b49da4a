package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.rows.RowReader;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows, passes them through the {@link Fence}, and reads some again if necessary. One thread at a time.
 */
final class FenceReader {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReader.class);
    static final int PAUSE_MILLIS = 100;
    /** After this many rounds the remaining keys are deferred, and other readers have their turn. */
    static final int MAX_ROUNDS = 5;

    private final long scan;
    private final RowReader rows;
    private final Fence fence;
    private final Markers markers;
    private final Consumer<RowKey> deferral;

    /**
     * @param scan the id of the scan or lookup
     */
    FenceReader(long scan, RowReader rows, FenceContext fencing) {
        this.scan = scan;
        this.rows = rows;
        this.fence = fencing.fence();
        this.markers = fencing.markers();
        this.deferral = fencing.deferral();
    }

    /** Returns the scan's progress with the rows; null for a read without an order. */
    interface Progress {
        @Nullable
        RowKey of(List<KeyedRow> rows);
    }

    /**
     * The result of a read.
     *
     * @param rows the rows of the first round
     * @param found the keys of all rows, including rows that a later round found and deferred ones
     */
    record Result(List<KeyedRow> rows, Set<RowKey> found) {}

    /**
     * Reads rows and waits until they have passed the fence. Rows that change repeatedly meanwhile are deferred.
     *
     * @param requested the keys that are read one by one; empty for a range
     * @return null when stopped
     */
    @Nullable
    Result read(RowReader.Reading reading, Collection<RowKey> requested, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        Fenced first = fenced(reading, requested, progress, stop);
        if (first == null) {
            return null;
        }
        RowKey reached = progress.of(first.rows);
        Set<RowKey> found = keysOf(first.rows);
        List<RowKey> again = rowsOf(first.again);
        if (again.isEmpty()) {
            return new Result(first.rows, found);
        }
        for (int round = 1; !again.isEmpty() && round <= MAX_ROUNDS; round++) {
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            List<RowKey> keys = again;
            // Filled by the read, because only the read knows how many keys a page covers.
            List<RowKey> covered = new ArrayList<>();
            Fenced more = fenced(connection -> page(connection, keys, covered), covered, read -> null, stop);
            if (more == null) {
                return null;
            }
            found.addAll(keysOf(more.rows));
            again = new ArrayList<>(keys.subList(covered.size(), keys.size()));
            again.addAll(rowsOf(more.again));
        }
        again.forEach(deferral);
        found.addAll(again);
        // After the deferral, because the progress covers the deferred keys. In a chunk without rows, because a chunk
        // with rows and progress is a page that passed the fence whole.
        Fenced nothing = reached == null ? first : fenced(connection -> List.of(), List.of(), read -> reached, stop);
        return nothing == null ? null : new Result(first.rows, found);
    }

    /** The rows may no longer fit into one page, because they may have grown. */
    private List<KeyedRow> page(Connection connection, List<RowKey> keys, List<RowKey> covered) throws SQLException {
        RowReader.KeyPage page = rows.pageByKey(connection, keys);
        covered.clear();
        covered.addAll(keys.subList(0, page.covered()));
        return page.rows();
    }

    /** Finds keys without a row. */
    interface AbsentKeys {
        List<RowKey> find(Connection connection) throws SQLException;
    }

    /**
     * Finds keys without a row, and waits until they have passed the fence.
     *
     * @param progress delivered with them, unless some have to be looked up again
     * @return the keys to look up again, because their rows may exist by now; null when stopped
     */
    @Nullable
    List<RowKey> absent(AbsentKeys absent, RowKey progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        List<RowKey> keys = new ArrayList<>();
        Fenced read = fenced(
                connection -> {
                    keys.clear();
                    keys.addAll(absent.find(connection));
                    return List.of();
                },
                keys,
                rows -> progress,
                stop);
        return read == null ? null : read.again;
    }

    /** Persons without a row are not looked up again. */
    private List<RowKey> rowsOf(List<RowKey> keys) {
        return keys.stream().filter(key -> !fence.isPerson(key)).collect(Collectors.toCollection(ArrayList::new));
    }

    private static Set<RowKey> keysOf(List<KeyedRow> rows) {
        return rows.stream().map(KeyedRow::key).collect(Collectors.toCollection(HashSet::new));
    }

    /** Rows that passed the fence, and the keys to read again. */
    private record Fenced(List<KeyedRow> rows, List<RowKey> again) {}

    private @Nullable Fenced fenced(
            RowReader.Reading reading, Collection<RowKey> requested, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        if (!awaitReady(stop)) {
            return null;
        }
        String marker = markers.fence();
        try (Fence.Read open = fence.open()) {
            RowReader.Read read = rows.inOneSnapshot(reading);
            RowKey reached = progress.of(read.rows());
            if (read.rows().isEmpty() && requested.isEmpty() && reached == null) {
                return new Fenced(read.rows(), List.of());
            }
            // Also without rows, because the scan's progress must take its place in the stream.
            CompletableFuture<List<RowKey>> arrived = open.register(
                    marker, read.snapshot(), requested, new PendingRead.Content(scan, read.rows(), reached));
            try {
                markers.write(marker);
                List<RowKey> again = await(arrived, stop);
                return again == null ? null : new Fenced(read.rows(), again);
            } finally {
                fence.withdraw(marker);
            }
        }
    }

    /** @return false when stopped */
    private boolean awaitReady(CountDownLatch stop) throws InterruptedException {
        boolean logged = false;
        while (!fence.isReady()) {
            if (!logged) {
                LOG.info("Reads wait for transactions that were in progress at the start. Their commits may wait for a"
                        + " synchronous standby");
                logged = true;
            }
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable List<RowKey> await(CompletableFuture<List<RowKey>> arrived, CountDownLatch stop)
            throws InterruptedException {
        while (stop.getCount() > 0) {
            try {
                return arrived.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.trace("The marker has not arrived yet; the stream may be far behind", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return null;
    }
}
