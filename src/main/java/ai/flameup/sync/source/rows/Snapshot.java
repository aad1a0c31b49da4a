package ai.flameup.sync.source.rows;

import java.util.Arrays;

/**
 * A snapshot as {@code pg_current_snapshot()} prints it: which transactions are visible. Immutable.
 *
 * <p>Of two snapshots of one server, the later one sees every transaction that the earlier one sees.
 *
 * <p>The stream identifies a transaction by 32 bits, the snapshot by 64. They can be compared because all ids in use lie
 * within 2^31 of each other: Postgres's protection against wraparound guarantees that.
 */
public final class Snapshot {
    private final long xmax;
    private final long xmin;
    private final long[] inProgress;

    private Snapshot(long xmin, long xmax, long[] inProgress) {
        this.xmin = xmin;
        this.xmax = xmax;
        this.inProgress = inProgress;
    }

    /** Parses {@code xmin:xmax:xip,xip,...}. */
    public static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        long[] inProgress = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new Snapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), inProgress);
    }

    /** Whether the transaction is visible. Only for transactions that have ended in the stream. */
    public boolean sees(int transaction) {
        long full = full(transaction);
        if (full >= xmax) {
            return false;
        }
        return full < xmin || Arrays.binarySearch(inProgress, full) < 0;
    }

    /** Whether every transaction of an inclusive range of ids has ended and is visible. */
    public boolean seesAll(int from, int to) {
        long last = full(to);
        if (last >= xmax) {
            return false;
        }
        int next = Arrays.binarySearch(inProgress, full(from));
        int firstInRange = next >= 0 ? next : -next - 1;
        return firstInRange == inProgress.length || inProgress[firstInRange] > last;
    }

    /** Whether every transaction that was in progress in an earlier snapshot is visible in this one. */
    public boolean seesAllInProgressOf(Snapshot earlier) {
        return Arrays.stream(earlier.inProgress)
                .allMatch(id -> id < xmin || (id < xmax && Arrays.binarySearch(inProgress, id) < 0));
    }

    /** Whether this snapshot was taken later and differs. */
    public boolean isLaterThan(Snapshot other) {
        // Ids below xmax are in progress or have ended, and a transaction that has ended stays so.
        return xmax > other.xmax || (xmax == other.xmax && inProgress.length < other.inProgress.length);
    }

    private long full(int transaction) {
        return xmax - ((int) xmax - transaction);
    }
}
