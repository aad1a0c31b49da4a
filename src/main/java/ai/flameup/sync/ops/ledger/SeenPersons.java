package ai.flameup.sync.ops.ledger;

import java.util.Arrays;
import java.util.function.ToLongFunction;

/**
 * Compares two sets of persons in 4 MB, whatever their size: those of the table, and those of the ledger or of the API. Each person belongs
 * to a group, and each group has the sum of the hashes of its persons. If the sums are equal, so are the persons of the group,
 * except once in 2<sup>64</sup> groups. For one thread.
 */
final class SeenPersons {
    private static final int GROUPS = 1 << 19;

    private final ToLongFunction<String> hash;
    private final long[] sums = new long[GROUPS];

    /** @param hash keyed, so that user ids with a common sum cannot be chosen */
    SeenPersons(ToLongFunction<String> hash) {
        this.hash = hash;
    }

    /** A row has the person. */
    void inTable(String userId) {
        long number = hash.applyAsLong(userId);
        sums[group(number)] += number;
    }

    /** The other set has the person. */
    void inOther(String userId) {
        long number = hash.applyAsLong(userId);
        sums[group(number)] -= number;
    }

    /** Whether the person may be in one of the sets only. To be called after all persons were added. */
    boolean mayDiffer(String userId) {
        return sums[group(hash.applyAsLong(userId))] != 0;
    }

    /** Whether any person may be in one of the sets only. */
    boolean isAnyDifferent() {
        return Arrays.stream(sums).anyMatch(sum -> sum != 0);
    }

    private static int group(long number) {
        return (int) (number >>> 32) & (GROUPS - 1);
    }
}
