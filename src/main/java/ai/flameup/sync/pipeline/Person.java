package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A person with pending upserts, late writes or entries that the store does not have yet; forgotten with the last of them.
 * For one thread.
 */
final class Person {
    private final String userId;
    private final Ledger ledger;
    private @Nullable LedgerEntry entry;
    /** What is held, and what the pending upserts set; null without pending upserts. */
    private long @Nullable [] claimed;

    private @Nullable ConflictNode<?> last;
    private int unstored;
    private int unsent;
    private @Nullable LateWrite lateWrite;

    Person(String userId, Ledger ledger) {
        this.userId = userId;
        this.ledger = ledger;
    }

    String userId() {
        return userId;
    }

    /** Returns the newest ledger entry, which the store may not have yet. */
    LedgerEntry entry() {
        LedgerEntry known = entry;
        if (known == null) {
            known = ledger.entry(userId);
            entry = known;
        }
        return known;
    }

    /** The store will have this entry. */
    void entry(LedgerEntry newest) {
        entry = newest;
        unstored++;
    }

    /** Whether the store does not have the newest entry yet. */
    boolean isUnstored() {
        return unstored > 0;
    }

    /**
     * The store has one more entry.
     *
     * @return whether it is the newest
     */
    boolean stored() {
        return --unstored == 0;
    }

    /** Returns the addresses that the person may hold at Flameup now. Must not be modified. */
    long[] held() {
        return entry().addresses();
    }

    boolean holds(long address) {
        return contains(held(), address);
    }

    /** Returns the addresses that the person may hold now or after one of the pending upserts. Must not be modified. */
    long[] claimed() {
        return claimed == null ? held() : claimed;
    }

    /** A pending upsert sets the address. Returns all claimed addresses; must not be modified. */
    long[] claim(long address) {
        long[] before = claimed();
        claimed = address == PersonState.NO_ADDRESS || contains(before, address) ? before : with(before, address);
        return claimed;
    }

    /** The claimed addresses are no more than these. */
    void claimOnly(long[] addresses) {
        claimed = addresses;
    }

    /** So many more pending upserts are rows that were read in place of changes that were not sent. */
    void addUnsent(int more) {
        unsent += more;
    }

    /** Whether such an upsert is pending. */
    boolean isUnsentPending() {
        return unsent > 0;
    }

    /** Returns the last pending upsert; null if there is none. */
    @Nullable
    ConflictNode<?> last() {
        return last;
    }

    void last(ConflictNode<?> upsert) {
        last = upsert;
    }

    /** The last pending upsert is settled. */
    void endClaims() {
        last = null;
        claimed = null;
    }

    @Nullable
    LateWrite lateWrite() {
        return lateWrite;
    }

    void lateWrite(@Nullable LateWrite newest) {
        lateWrite = newest;
    }

    /** Whether something of the person has to be remembered. */
    boolean isRemembered() {
        return last != null || lateWrite != null || unstored > 0;
    }

    static boolean contains(long[] addresses, long address) {
        for (long one : addresses) {
            if (one == address) {
                return true;
            }
        }
        return false;
    }

    static long[] with(long[] addresses, long address) {
        long[] more = Arrays.copyOf(addresses, addresses.length + 1);
        more[addresses.length] = address;
        return more;
    }

    static long[] without(long[] addresses, long address) {
        return Arrays.stream(addresses).filter(one -> one != address).toArray();
    }
}
