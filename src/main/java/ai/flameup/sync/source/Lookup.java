package ai.flameup.sync.source;

import ai.flameup.sync.change.RowKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Reads the rows of given keys through the {@link Fence}, beside the stream. One thread at a time. */
public final class Lookup {
    /** Rows that somebody has asked for: they belong to no backfill. */
    public static final long NO_SCAN = 0;

    /** Rows of changes that could not carry all of them. */
    public static final long DEFERRED = -1;

    private final Database database;
    private final RowReader rows;
    private final FenceReader reader;

    /**
     * @param scan what its rows are handed on with
     */
    public Lookup(long scan, Database database, Table table, Fence fence, Markers markers) {
        this.database = database;
        this.rows = new RowReader(database, table);
        this.reader = new FenceReader(scan, rows, fence, markers);
    }

    /**
     * Reads the rows, and waits until they have taken their place in the stream.
     *
     * @param progress handed on with the last of them; null for none
     * @return the keys that have no row; null when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be read; {@link Database#isPassing} tells whether to try again
     */
    public @Nullable List<RowKey> read(List<RowKey> keys, @Nullable RowKey progress, CountDownLatch stop)
            throws InterruptedException {
        try {
            FenceReader.Result read =
                    reader.read(connection -> rows.byKey(connection, keys), keys, first -> progress, stop);
            if (read == null) {
                return null;
            }
            List<RowKey> gone = new ArrayList<>(keys);
            gone.removeIf(read.found()::contains);
            return gone;
        } catch (SQLException e) {
            throw database.fault("reading rows again", e);
        }
    }
}
