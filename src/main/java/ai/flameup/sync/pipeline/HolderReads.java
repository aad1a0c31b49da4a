package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an upsert takes an address from a person whose newest row is not known: then both rows are read, and arrive in
 * the order of release. For one thread.
 */
final class HolderReads {
    private final ConflictGraph graph;
    private final AddressClaims claims;
    private final Deferring deferring;
    private final Deque<PendingUpsert> withheld = new ArrayDeque<>();

    HolderReads(ConflictGraph graph, AddressClaims claims, Deferring deferring) {
        this.graph = graph;
        this.claims = claims;
        this.deferring = deferring;
    }

    Deferring deferring() {
        return deferring;
    }

    /** Withholds the upsert, whose turn it is, if its row is to be read with that of another person. Returns whether it is. */
    boolean withhold(PendingUpsert upsert) {
        boolean isToRead = mustReadWithHolder(upsert);
        if (isToRead) {
            upsert.withhold();
            withheld.add(upsert);
        }
        return isToRead;
    }

    boolean isAnyWithheld() {
        return !withheld.isEmpty();
    }

    /** Removes a withheld upsert, whose row is to be read; null if there is none. */
    @Nullable
    PendingUpsert poll() {
        return withheld.poll();
    }

    /**
     * Whether another person holds the address whose row may have released it in a change that was deferred, or behind a row that
     * was read. Then both rows are read once more, in one snapshot.
     */
    private boolean mustReadWithHolder(PendingUpsert upsert) {
        if (upsert.address() == PersonState.NO_ADDRESS
                || upsert.state().key() == null
                || upsert.isRepetition()
                || (claims.cover(upsert) && !deferring.isAnyUnsent())) {
            return false;
        }
        for (String holder : claims.otherHolders(upsert)) {
            if (!upsert.isReadWith(holder)
                    && (deferring.isAnyUnsent() || !upsert.isFromStream() || isPending(holder))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a row waits behind the upsert whose turn it is, although the user's change came before. */
    private boolean isPending(String userId) {
        Person person = graph.remembered(userId);
        return person != null && person.isUnsentPending();
    }
}
