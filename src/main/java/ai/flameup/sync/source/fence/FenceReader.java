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
 * Reads rows and sees them through the {@link Fence}, with those that have to be read again. One thread at a time.
 */
final class FenceReader {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReader.class);
    private static final int PAUSE_MILLIS = 100;
    /** Then other readers have their turn. */
    private static final int MOST_ROUNDS = 5;

    private final long scan;
    private final RowReader rows;
    private final Fence fence;
    private final Markers markers;
    private final Consumer<RowKey> deferral;

    /**
     * @param scan what the rows are handed on with
     */
    FenceReader(long scan, RowReader rows, FenceContext fencing) {
        this.scan = scan;
        this.rows = rows;
        this.fence = fencing.fence();
        this.markers = fencing.markers();
        this.deferral = fencing.deferral();
    }

    /** Where a scan has come to with the rows; null where it is none that has an order. */
    interface Progress {
        @Nullable
        RowKey of(List<KeyedRow> rows);
    }

    /**
     * The rows that were found.
     *
     * @param rows those of the first read
     * @param found the keys of all, also of those that were only found when their keys were read again, or deferred
     */
    record Result(List<KeyedRow> rows, Set<RowKey> found) {}

    /**
     * Reads rows, and waits until they have taken their place in the stream. Rows that are changed all the time while they
     * are read are deferred.
     *
     * @param asked the keys that the reading asks for one by one; empty for a range
     * @return null when stopped
     */
    @Nullable
    Result read(RowReader.Reading reading, Collection<RowKey> asked, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        Fenced first = fenced(reading, asked, progress, stop);
        if (first == null) {
            return null;
        }
        RowKey reached = progress.of(first.rows);
        Set<RowKey> found = keysOf(first.rows);
        List<RowKey> again = first.again;
        for (int round = 1; !again.isEmpty(); round++) {
            if (round > MOST_ROUNDS) {
                again.forEach(deferral);
                found.addAll(again);
                // Behind the deferral: the progress covers its keys.
                Fenced nothing = fenced(connection -> List.of(), List.of(), read -> reached, stop);
                return nothing == null ? null : new Result(first.rows, found);
            }
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            List<RowKey> keys = again;
            // Filled by the reading: how many keys a page covers is only known then.
            List<RowKey> covered = new ArrayList<>();
            Fenced more = fenced(
                    connection -> page(connection, keys, covered),
                    covered,
                    read -> covered.size() == keys.size() ? reached : null,
                    stop);
            if (more == null) {
                return null;
            }
            found.addAll(keysOf(more.rows));
            again = new ArrayList<>(keys.subList(covered.size(), keys.size()));
            again.addAll(more.again);
        }
        return new Result(first.rows, found);
    }

    /** The rows may have grown since they were read in one page. */
    private List<KeyedRow> page(Connection connection, List<RowKey> keys, List<RowKey> covered) throws SQLException {
        RowReader.KeyPage page = rows.pageByKey(connection, keys);
        covered.clear();
        covered.addAll(keys.subList(0, page.covered()));
        return page.rows();
    }

    private static Set<RowKey> keysOf(List<KeyedRow> rows) {
        return rows.stream().map(KeyedRow::key).collect(Collectors.toCollection(HashSet::new));
    }

    /** Rows that have taken their place, and which of them to read again. */
    private record Fenced(List<KeyedRow> rows, List<RowKey> again) {}

    private @Nullable Fenced fenced(
            RowReader.Reading reading, Collection<RowKey> asked, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        if (!awaitReady(stop)) {
            return null;
        }
        String marker = markers.fence();
        try (Fence.Read open = fence.open()) {
            RowReader.Read read = rows.inOneSnapshot(reading);
            RowKey reached = progress.of(read.rows());
            if (read.rows().isEmpty() && asked.isEmpty() && reached == null) {
                return new Fenced(read.rows(), List.of());
            }
            // Also without any row: the scan reports in the order of the stream that it has looked there.
            CompletableFuture<List<RowKey>> arrived =
                    open.register(marker, read.snapshot(), asked, new Fence.Content(scan, read.rows(), reached));
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
                LOG.info("Reads wait for transactions that were in progress at the start: their commits may wait for a"
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
                LOG.trace("Not yet: the stream may be far behind", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return null;
    }
}
