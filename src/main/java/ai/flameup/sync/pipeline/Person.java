package ai.flameup.sync.pipeline;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A person with pending upserts, late writes or claims that the store has not confirmed; forgotten with the last of them.
 * For one thread.
 */
final class Person {
    private final String userId;
    private final ClaimStore store;
    private long @Nullable [] held;
    /** What is held, and what the pending upserts set; null without pending upserts. */
    private long @Nullable [] claimed;

    private @Nullable ConflictNode<?> last;
    private int unconfirmedClaims;
    private @Nullable LateWrite lateWrite;

    Person(String userId, ClaimStore store) {
        this.userId = userId;
        this.store = store;
    }

    String userId() {
        return userId;
    }

    /** Returns the addresses that the person may hold at Flameup now. Must not be modified. */
    long[] held() {
        long[] known = held;
        if (known == null) {
            known = store.claimedBy(userId);
            held = known;
        }
        return known;
    }

    boolean holds(long address) {
        return contains(held(), address);
    }

    void addHeld(long address) {
        held = with(held(), address);
    }

    void removeHeld(long address) {
        held = Arrays.stream(held()).filter(one -> one != address).toArray();
    }

    void holdOnly(long address) {
        held = new long[] {address};
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

    void addUnconfirmedClaim() {
        unconfirmedClaims++;
    }

    void confirmClaim() {
        unconfirmedClaims--;
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
        return last != null || lateWrite != null || unconfirmedClaims > 0;
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
}
