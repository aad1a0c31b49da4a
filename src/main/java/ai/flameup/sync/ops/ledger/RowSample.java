package ai.flameup.sync.ops.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A random sample of user ids from one pass over the table, each with the same chance (reservoir sampling). For one thread. */
final class RowSample {
    private final int size;
    private final RandomGenerator random;
    private final List<String> ids = new ArrayList<>();
    private long offered;

    /** @param size at least 1 */
    RowSample(int size, RandomGenerator random) {
        this.size = size;
        this.random = random;
    }

    void offer(String userId) {
        offered++;
        if (ids.size() < size) {
            ids.add(userId);
            return;
        }
        long place = random.nextLong(offered);
        if (place < size) {
            ids.set((int) place, userId);
        }
    }

    /** Returns the sample: all offered ids if there are no more than its size. */
    List<String> ids() {
        return List.copyOf(ids);
    }
}
