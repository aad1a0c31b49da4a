package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.RowReader;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Reads the rows of given keys through the {@link Fence}. One thread at a time. */
public final class KeyLookup {
    /** The id of lookups that an operator requested; they belong to no backfill. */
    public static final long NO_SCAN = 0;

    /** The id of lookups for changes that did not carry whole rows, or that take an address. */
    public static final long REREAD = -1;

    /** The id of lookups for changes that were deferred. */
    public static final long DEFERRED_CHANGES = -2;

    /** The id of lookups of persons whose deletes were deferred. */
    public static final long DEFERRED_DELETES = -3;

    /** A chain of persons who take each other's addresses is not followed further, nor past the size of a page. */
    private static final int MAX_EXTENDED = 256;

    private static final int MAX_ROWS = 500;

    private final Database database;
    private final RowReader rows;
    private final FenceReader reader;
    private final ReadPace pace;
    private final boolean isUrgent;

    /**
     * @param scan the id of the lookup
     */
    public KeyLookup(long scan, Database database, Table table, FenceContext fencing) {
        this.database = database;
        this.rows = new RowReader(database, table);
        this.reader = new FenceReader(scan, rows, fencing);
        this.pace = fencing.pace();
        this.isUrgent = scan == REREAD;
    }

    /** Returns the maximum number of keys to read at once. */
    public int maxRows() {
        return isUrgent ? MAX_ROWS : Math.min(MAX_ROWS, pace.maxRows());
    }

    /** Returns the progress after the first keys; null for none. */
    public interface Progress {
        @Nullable
        RowKey after(int covered);
    }

    /** Finds further rows that have to be read in the same snapshot. */
    public interface Extension {
        Extension NONE = rows -> UserKeys.Found.NOTHING;

        /** @param rows that were read just before */
        UserKeys.Found beyond(List<KeyedRow> rows);
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
     * @param extension is called until it finds nothing new
     * @return null when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient} tells
     *     whether to try again
     */
    public @Nullable Found read(List<RowKey> keys, Progress progress, Extension extension, CountDownLatch stop)
            throws InterruptedException {
        if (isUrgent) {
            pace.urgentRead();
        }
        Page page = new Page();
        try {
            FenceReader.Result read = reader.read(
                    connection -> page(connection, keys, extension, page),
                    page.asked,
                    first -> progress.after(page.covered),
                    stop);
            if (read == null) {
                return null;
            }
            List<RowKey> gone = new ArrayList<>(keys.subList(0, page.covered));
            gone.removeIf(read.found()::contains);
            return new Found(page.covered, gone);
        } catch (SQLException e) {
            throw database.fault("reading rows again", e);
        }
    }

    /** What a page covers. Filled by the read, because only the read knows how many keys fit. */
    private static final class Page {
        private final List<RowKey> asked = new ArrayList<>();
        private final List<KeyedRow> rows = new ArrayList<>();
        private int covered;
    }

    private List<KeyedRow> page(Connection connection, List<RowKey> keys, Extension extension, Page page)
            throws SQLException {
        int count = keys.size();
        while (!isWhole(connection, keys.subList(0, count), extension, page) && page.covered > 1) {
            count = page.covered / 2;
        }
        return page.rows;
    }

    /** Reads a page. Returns whether it contains every further row; with fewer keys there are fewer of these. */
    private boolean isWhole(Connection connection, List<RowKey> keys, Extension extension, Page page)
            throws SQLException {
        RowReader.KeyPage read = rows.pageByKey(connection, keys);
        page.covered = read.covered();
        page.asked.clear();
        page.asked.addAll(keys.subList(0, read.covered()));
        page.rows.clear();
        page.rows.addAll(read.rows());
        int mostRows = read.rows().size() + MAX_EXTENDED;
        long left = RowReader.MAX_BYTES - read.bytes();
        Set<RowKey> known = new HashSet<>(page.asked);
        while (true) {
            UserKeys.Found found = extension.beyond(read.rows());
            found.gone().stream().filter(known::add).forEach(page.asked::add);
            List<RowKey> further = found.rows().stream().filter(known::add).toList();
            if (further.isEmpty()) {
                return true;
            }
            if (left <= 0 || page.rows.size() + further.size() > mostRows) {
                return false;
            }
            read = rows.pageByKey(connection, further, left);
            left -= read.bytes();
            page.asked.addAll(further.subList(0, read.covered()));
            page.rows.addAll(read.rows());
            if (read.covered() < further.size()) {
                return false;
            }
        }
    }
}
