package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in the {@link ConflictGraph}: which others an upsert waits for, and which wait for it. For one thread.
 *
 * @param <T> the upsert itself
 */
abstract class ConflictNode<T extends ConflictNode<T>> {
    private static final long[] NO_ADDRESSES = {};

    private long[] addresses = NO_ADDRESSES;
    /** Unsettled nodes that it waits for; one may be there twice, by its user id and by an address. */
    private final List<T> leaders = new ArrayList<>(0);

    private final List<T> followers = new ArrayList<>(0);
    /** Leaders, and one each for the store, the open transaction, and the state for which it is held. */
    private int blockers;

    private boolean isOpenDelete;
    private boolean isHeld;

    private @Nullable T next;

    abstract T self();

    /** Returns every address that the upsert sets or may release. Must not be modified. */
    long[] addresses() {
        return addresses;
    }

    void addresses(long[] setOrReleased) {
        addresses = setOrReleased;
    }

    /** Returns the next node of the same person; null if this is the last. */
    @Nullable
    T next() {
        return next;
    }

    void next(@Nullable T successor) {
        next = successor;
    }

    /** Waits for a leader. */
    void follow(T leader) {
        ConflictNode<T> node = leader;
        node.followers.add(self());
        leaders.add(leader);
        block();
    }

    boolean hasLeaders() {
        return !leaders.isEmpty();
    }

    /** Adds everything that it waits for, directly. */
    void addLeadersTo(Deque<T> all) {
        all.addAll(leaders);
    }

    /** It is settled: frees those that wait for nothing else. */
    void release(ArrayDeque<T> freed) {
        for (int i = 0; i < followers.size(); i++) {
            T follower = followers.get(i);
            ConflictNode<T> node = follower;
            node.leaders.remove(self());
            if (follower.unblock()) {
                freed.add(follower);
            }
        }
        followers.clear();
    }

    boolean isOpenDelete() {
        return isOpenDelete;
    }

    /** It is a delete, and waits for the end of its transaction. */
    void openDelete() {
        isOpenDelete = true;
        block();
    }

    /**
     * Its transaction has ended.
     *
     * @return whether nothing blocks it any more
     */
    boolean closeDelete() {
        isOpenDelete = false;
        return unblock();
    }

    boolean isHeld() {
        return isHeld;
    }

    /** It waits for a later state that an earlier process has sent. */
    void hold() {
        isHeld = true;
        block();
    }

    /**
     * That state has arrived, or will not.
     *
     * @return whether nothing blocks it any more
     */
    boolean release() {
        isHeld = false;
        return unblock();
    }

    boolean isBlocked() {
        return blockers > 0;
    }

    void block() {
        blockers++;
    }

    /** Returns whether nothing blocks it any more. */
    boolean unblock() {
        return --blockers == 0;
    }
}
