package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.RowReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Reads the rows of given keys through the {@link Fence}. One thread at a time. */
public final class KeyLookup {
    /** The id of lookups that an operator requested; they belong to no backfill. */
    public static final long NO_SCAN = 0;

    /** The id of lookups for changes that did not carry whole rows. */
    public static final long DEFERRED = -1;

    private final Database database;
    private final RowReader rows;
    private final FenceReader reader;

    /**
     * @param scan the id of the lookup
     */
    public KeyLookup(long scan, Database database, Table table, FenceContext fencing) {
        this.database = database;
        this.rows = new RowReader(database, table);
        this.reader = new FenceReader(scan, rows, fencing);
    }

    /** Returns the progress after the first keys; null for none. */
    public interface Progress {
        @Nullable
        RowKey after(int covered);
    }

    /**
     * The result of a lookup.
     *
     * @param covered how many of the keys, from the first, were read; a page is limited in bytes
     * @param gone the keys without a row
     */
    public record Found(int covered, List<RowKey> gone) {}

    /**
     * Reads the rows of the first keys, at least of one, and waits until they have passed the fence.
     *
     * @param progress delivered with the last row
     * @return null when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient} tells
     *     whether to try again
     */
    public @Nullable Found read(List<RowKey> keys, Progress progress, CountDownLatch stop) throws InterruptedException {
        // Filled by the read, because only the read knows how many keys a page covers.
        List<RowKey> covered = new ArrayList<>();
        try {
            FenceReader.Result read = reader.read(
                    connection -> {
                        RowReader.KeyPage page = rows.pageByKey(connection, keys);
                        covered.clear();
                        covered.addAll(keys.subList(0, page.covered()));
                        return page.rows();
                    },
                    covered,
                    first -> progress.after(covered.size()),
                    stop);
            if (read == null) {
                return null;
            }
            List<RowKey> gone = new ArrayList<>(covered);
            gone.removeIf(read.found()::contains);
            return new Found(covered.size(), gone);
        } catch (SQLException e) {
            throw database.fault("reading rows again", e);
        }
    }
}
