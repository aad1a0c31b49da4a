package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The works that could be sent, live ones first; rows of the fence get a tenth all the same. And those that rest until
 * their time has come. For one thread.
 */
final class Lanes {
    private static final int FENCE_SHARE = 10;

    private final Deque<Work> live = new ArrayDeque<>();
    private final Deque<Work> fence = new ArrayDeque<>();
    private final PriorityQueue<Work> resting = new PriorityQueue<>(Comparator.comparingLong((Work w) -> w.dueAt));
    private int fenceReady;
    private int turn;

    void ready(Work work) {
        work.stage = Work.Stage.READY;
        lane(work).addLast(work);
        fenceReady += work.live ? 0 : 1;
    }

    /** Before all others: it was sent, and comes back for a reason that is not its own. */
    void readyAgain(Work work) {
        work.stage = Work.Stage.READY;
        lane(work).addFirst(work);
        fenceReady += work.live ? 0 : 1;
    }

    void rest(Work work, long until) {
        work.stage = Work.Stage.RESTING;
        work.dueAt = until;
        resting.add(work);
    }

    /** A row of the fence becomes urgent. What stands in the wrong lane from now on is passed over there. */
    void hurry(Work work) {
        work.live = true;
        if (work.stage == Work.Stage.READY) {
            fenceReady--;
            live.addLast(work);
        }
    }

    void wake(long now) {
        while (!resting.isEmpty() && resting.element().dueAt <= now) {
            ready(resting.remove());
        }
    }

    /** When the next one has rested enough; {@link Long#MAX_VALUE} where none rests. */
    long nextAt() {
        return resting.isEmpty() ? Long.MAX_VALUE : resting.element().dueAt;
    }

    boolean hasLive() {
        return !live.isEmpty();
    }

    boolean isEmpty() {
        return live.isEmpty() && fenceReady == 0;
    }

    int ready() {
        return live.size() + fenceReady;
    }

    boolean rests() {
        return !resting.isEmpty();
    }

    /** Takes what one request carries: at least one, where there is one. */
    List<Work> take(int most) {
        List<Work> taken = new ArrayList<>(Math.min(most, ready()));
        int limit = most;
        long bytes = 0;
        while (taken.size() < limit) {
            Deque<Work> from = next();
            Work work = from.peekFirst();
            if (work == null) {
                break;
            }
            bytes += work.person.size();
            if (!taken.isEmpty() && (work.cap <= taken.size() || bytes > Request.MOST_BYTES)) {
                break;
            }
            from.removeFirst();
            fenceReady -= work.live ? 0 : 1;
            turn = (turn + 1) % FENCE_SHARE;
            limit = Math.min(limit, work.cap);
            taken.add(work);
        }
        return taken;
    }

    private Deque<Work> next() {
        skipHurried();
        boolean fenceFirst = turn == 0 ? !fence.isEmpty() : live.isEmpty();
        return fenceFirst ? fence : live;
    }

    private void skipHurried() {
        @Nullable Work head = fence.peekFirst();
        while (head != null && head.live) {
            fence.removeFirst();
            head = fence.peekFirst();
        }
    }

    private Deque<Work> lane(Work work) {
        return work.live ? live : fence;
    }
}
