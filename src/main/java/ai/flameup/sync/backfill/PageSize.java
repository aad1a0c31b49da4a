package ai.flameup.sync.backfill;

/**
 * How many rows are asked for by their keys at once. A page is bounded in bytes where it is read, so this only keeps the
 * server from measuring many rows of which few fit. For one thread.
 */
final class PageSize {
    private static final int MOST_ROWS = 500;

    private int rows = 4;

    /** For the next page. */
    int rows() {
        return rows;
    }

    /**
     * A page has been read.
     *
     * @param asked so many rows were asked for
     * @param covered so many of them fitted
     */
    void read(int asked, int covered) {
        rows = Math.min(MOST_ROWS, covered < asked ? covered * 2 : Math.max(rows, asked * 4));
    }
}
