package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an upsert takes an address from a person whose newest row is not known: then both rows are read, and arrive in
 * the order of release. For one thread.
 */
final class HolderReads {
    /** A holder's row may map to no person, or be too large for the page, however often it is read. */
    private static final int MAX_READS = 5;

    /** A page of which rows have to be read again counts this part of a whole one. */
    private static final int PARTS = 200;

    private final ConflictGraph graph;
    private final AddressClaims claims;
    private final Deferring deferring;
    /**
     * How often the row of a user was read in a row, without a turn at which it could be sent. Pages of which rows have to be read
     * again hardly count: a commit may be in the stream for minutes before readers see it.
     */
    private final Map<String, Integer> reads = new HashMap<>();

    private final Deque<PendingUpsert> withheld = new ArrayDeque<>();

    HolderReads(ConflictGraph graph, AddressClaims claims, Deferring deferring) {
        this.graph = graph;
        this.claims = claims;
        this.deferring = deferring;
    }

    Deferring deferring() {
        return deferring;
    }

    /** Returns the users from whom the upsert, whose turn it is, may take its address. */
    List<String> holders(PendingUpsert upsert) {
        return mayTake(upsert) ? claims.otherHolders(upsert) : List.of();
    }

    /**
     * Withholds the upsert if its row is to be read with those of others.
     *
     * @param holders of its address
     * @return whether it is
     */
    boolean withhold(PendingUpsert upsert, List<String> holders) {
        boolean isToRead = mustReadWith(holders, upsert)
                && reads.merge(upsert.userId(), upsert.origin().isOfWholePage() ? PARTS : 1, Integer::sum)
                        <= MAX_READS * PARTS;
        if (isToRead) {
            upsert.withhold();
            withheld.add(upsert);
        } else {
            reads.remove(upsert.userId());
        }
        return isToRead;
    }

    /** Whether it may take an address from others. If it has claimed the address, this was decided at its turn before. */
    private boolean mayTake(PendingUpsert upsert) {
        if (!deferring.isAnyUnsent()) {
            // Of rows that were deleted since, entries are left.
            reads.clear();
        }
        return upsert.address() != PersonState.NO_ADDRESS
                && !upsert.claimsNewAddress()
                && (deferring.isAnyUnsent() || !claims.cover(upsert));
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
     * Whether the row of a holder may have released the address in a change that was deferred, or behind a row that was read. Then
     * both rows are read once more, in one snapshot.
     */
    private boolean mustReadWith(List<String> holders, PendingUpsert upsert) {
        if (upsert.state().key() == null || upsert.isRepetition()) {
            return false;
        }
        for (String holder : holders) {
            if (!upsert.origin().readWith().contains(holder)
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
