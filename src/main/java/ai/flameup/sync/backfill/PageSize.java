package ai.flameup.sync.backfill;

/**
 * Adapts how many rows are requested by their keys at once. The reader bounds a page in bytes, so this only keeps the
 * server from measuring many rows of which few fit. For one thread.
 */
final class PageSize {
    private final int max;
    private int rows = 4;

    PageSize(int max) {
        this.max = max;
    }

    /** The number of rows to request for the next page. */
    int rows() {
        return rows;
    }

    /**
     * Records a page.
     *
     * @param asked the number of rows that were requested
     * @param covered the number of them that fitted
     */
    void read(int asked, int covered) {
        rows = Math.min(max, covered < asked ? covered * 2 : Math.max(rows, asked * 4));
    }
}
