package ai.flameup.sync.app;

import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import java.util.List;

/**
 * How many rows are read by their keys at once: few at first and after a restart, because rows may be of a megabyte each,
 * and a page is read as a whole. {@link #saw} may come from another thread.
 */
final class PageSize {
    private static final int MOST_ROWS = 500;
    private static final int MOST_BYTES = 4 << 20;

    /** What the largest row of the page has come to, in bytes. */
    private volatile int largest = 1;

    private int rows = 4;

    /** For the next page; to be called once the one before has been seen whole. */
    int rows() {
        return rows;
    }

    void grow() {
        rows = Math.max(1, Math.min(Math.min(rows * 4, MOST_ROWS), MOST_BYTES / largest));
        largest = 1;
    }

    /** Rows of the page on their way into the pipeline. */
    void saw(List<MappedRow> mapped) {
        for (MappedRow row : mapped) {
            if (row.mapped() instanceof Mapped.Upsert upsert) {
                largest = Math.max(largest, upsert.person().size());
            }
        }
    }
}
