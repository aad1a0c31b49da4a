package ai.flameup.sync.source;

import java.util.Arrays;

/**
 * What {@code pg_current_snapshot()} printed: which transactions the reading one saw. Immutable.
 *
 * <p>The stream names a transaction by 32 bits, the snapshot by 64. The two meet because the ids in use at any time lie
 * within 2^31 of each other, which is what Postgres's protection against wraparound keeps true.
 */
final class Snapshot {
    private final long xmax;
    private final long xmin;
    private final long[] inProgress;

    private Snapshot(long xmin, long xmax, long[] inProgress) {
        this.xmin = xmin;
        this.xmax = xmax;
        this.inProgress = inProgress;
    }

    /** Reads {@code xmin:xmax:xip,xip,...}. */
    static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        long[] inProgress = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new Snapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), inProgress);
    }

    /** Whether what the transaction did can be seen; right for transactions that have ended in the stream. */
    boolean sees(int transaction) {
        long full = full(transaction);
        if (full >= xmax) {
            return false;
        }
        return full < xmin || Arrays.binarySearch(inProgress, full) < 0;
    }

    /** Whether it sees the transaction and every one whose id is lower. */
    boolean seesAllUpTo(int transaction) {
        return full(transaction) < xmin;
    }

    private long full(int transaction) {
        return xmax - ((int) xmax - transaction);
    }
}
