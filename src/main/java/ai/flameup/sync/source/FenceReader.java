package ai.flameup.sync.source;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    private static final long WARN_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final long scan;
    private final RowReader rows;
    private final Fence fence;
    private final Markers markers;

    /**
     * @param scan what the rows are handed on with
     */
    FenceReader(long scan, RowReader rows, Fence fence, Markers markers) {
        this.scan = scan;
        this.rows = rows;
        this.fence = fence;
        this.markers = markers;
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
     * @param found the keys of all, also of those that were only found when their keys were read again
     */
    record Result(List<KeyedRow> rows, Set<RowKey> found) {}

    /**
     * Reads rows, and waits until they have taken their place in the stream.
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
        long warnAt = System.nanoTime() + WARN_EVERY_NANOS;
        while (!again.isEmpty()) {
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            if (System.nanoTime() - warnAt > 0) {
                warnAt = System.nanoTime() + WARN_EVERY_NANOS;
                LOG.warn(
                        "Rows read again for over a minute: rows={}. Their latest change is committed but not visible to"
                                + " readers yet. Suggested fix: check the synchronous standby",
                        again.size());
            }
            List<RowKey> keys = again;
            Fenced more = fenced(connection -> rows.byKey(connection, keys), keys, read -> reached, stop);
            if (more == null) {
                return null;
            }
            found.addAll(keysOf(more.rows));
            again = more.again;
        }
        return new Result(first.rows, found);
    }

    private static Set<RowKey> keysOf(List<KeyedRow> rows) {
        return rows.stream().map(KeyedRow::key).collect(Collectors.toCollection(HashSet::new));
    }

    /** Rows that have taken their place, and which of them to read again. */
    private record Fenced(List<KeyedRow> rows, List<RowKey> again) {}

    private @Nullable Fenced fenced(
            RowReader.Reading reading, Collection<RowKey> asked, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
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
