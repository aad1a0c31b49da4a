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

/** Reads the rows of given keys through the {@link Fence}, beside the stream. One thread at a time. */
public final class KeyLookup {
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
    public KeyLookup(long scan, Database database, Table table, FenceContext fencing) {
        this.database = database;
        this.rows = new RowReader(database, table);
        this.reader = new FenceReader(scan, rows, fencing);
    }

    /** Where a reader by keys has come to with so many of them; null for nowhere. */
    public interface Progress {
        @Nullable
        RowKey behind(int covered);
    }

    /**
     * What was looked for.
     *
     * @param covered so many of the keys, from the first, and no others: their rows are a page, which is bounded in bytes
     * @param gone those of them that have no row
     */
    public record Found(int covered, List<RowKey> gone) {}

    /**
     * Reads the rows of the first of the keys, at least of one, and waits until they have taken their place in the stream.
     *
     * @param progress handed on with the last of the rows
     * @return null when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if they cannot be read; {@link Database#isPassing} tells whether to try again
     */
    public @Nullable Found read(List<RowKey> keys, Progress progress, CountDownLatch stop) throws InterruptedException {
        // Filled by the reading: how many keys a page covers is only known then.
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
                    first -> progress.behind(covered.size()),
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
