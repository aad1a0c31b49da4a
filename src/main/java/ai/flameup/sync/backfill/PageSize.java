package ai.flameup.sync.backfill;

/**
 * Adapts how many rows are requested by their keys at once. The reader bounds a page in bytes, so this only keeps the
 * server from measuring many rows of which few fit. For one thread.
 */
final class PageSize {
    private static final int MAX_ROWS = 500;

    private int rows = 4;

    /** The number of rows to request for the next page, of which the maximum is given. */
    int rows(int max) {
        return Math.min(rows, max);
    }

    /**
     * Records a page.
     *
     * @param asked the number of rows that were requested
     * @param covered the number of them that fitted
     */
    void read(int asked, int covered) {
        rows = Math.min(MAX_ROWS, covered < asked ? covered * 2 : Math.max(rows, asked * 4));
    }
}
