package ai.flameup.sync.source;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows and sees them through the {@link Fence}, with those that have to be read again. One thread at a time.
 */
final class FenceReader {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReader.class);
    private static final int PAUSE_MILLIS = 100;

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
     * Reads rows, and waits until they have taken their place in the stream.
     *
     * @return the rows that were read; null when stopped
     */
    @Nullable
    List<KeyedRow> read(RowReader.Reading reading, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        Fenced first = fenced(reading, progress, stop);
        if (first == null) {
            return null;
        }
        List<RowKey> again = first.again;
        while (!again.isEmpty()) {
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            List<RowKey> keys = again;
            RowKey reached = progress.of(first.rows);
            Fenced more = fenced(connection -> rows.byKey(connection, keys), read -> reached, stop);
            if (more == null) {
                return null;
            }
            again = more.again;
        }
        return first.rows;
    }

    /** Rows that have taken their place, and which of them to read again. */
    private record Fenced(List<KeyedRow> rows, List<RowKey> again) {}

    private @Nullable Fenced fenced(RowReader.Reading reading, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        while (stop.getCount() > 0) {
            RowReader.Read read = rows.inOneSnapshot(reading);
            RowKey reached = progress.of(read.rows());
            if (read.rows().isEmpty() && reached == null) {
                return new Fenced(read.rows(), List.of());
            }
            // Also where there is no row any more: that it has been looked at is told in the same order.
            String marker = markers.fence();
            CompletableFuture<List<RowKey>> arrived =
                    fence.register(marker, read.snapshot(), scan, read.rows(), reached);
            if (arrived == null) {
                stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                continue;
            }
            boolean written = false;
            try {
                markers.write(marker);
                written = true;
                List<RowKey> again = await(arrived, stop);
                if (again == null) {
                    return null;
                }
                return new Fenced(read.rows(), again);
            } finally {
                if (!written || !arrived.isDone()) {
                    fence.withdraw(marker);
                }
            }
        }
        return null;
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
