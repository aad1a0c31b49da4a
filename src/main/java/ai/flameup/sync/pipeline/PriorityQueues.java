package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The upserts that can be sent, and those that rest first. Live changes go before rows that were read, which get a tenth
 * of the places. For one thread.
 */
final class PriorityQueues {
    private static final int ROW_SHARE = 10;

    private final Deque<PendingUpsert> live = new ArrayDeque<>();
    private final Deque<PendingUpsert> rows = new ArrayDeque<>();
    private final PriorityQueue<PendingUpsert> resting =
            new PriorityQueue<>(Comparator.comparingLong(PendingUpsert::restsUntil));
    private int rowsReady;
    private int turn;

    void addLast(PendingUpsert upsert) {
        upsert.ready();
        queue(upsert).addLast(upsert);
        rowsReady += upsert.isLive() ? 0 : 1;
    }

    /** Puts an upsert before all others: it was sent, and returns for a reason that is not its own. */
    void addFirst(PendingUpsert upsert) {
        upsert.ready();
        queue(upsert).addFirst(upsert);
        rowsReady += upsert.isLive() ? 0 : 1;
    }

    void rest(PendingUpsert upsert, long until) {
        upsert.rest(until);
        resting.add(upsert);
    }

    /** Moves a row to the live changes. */
    void promote(PendingUpsert upsert) {
        upsert.promote();
        if (upsert.stage() == PendingUpsert.Stage.READY) {
            rowsReady--;
            // It also stays in the queue of the rows, where it is skipped.
            live.addLast(upsert);
        }
    }

    /** Removes those that are superseded. */
    void removeSuperseded() {
        live.removeIf(PendingUpsert::isSuperseded);
        rows.removeIf(PendingUpsert::isSuperseded);
        resting.removeIf(PendingUpsert::isSuperseded);
    }

    /** Makes those ready that have rested enough. */
    void wake(long now) {
        while (!resting.isEmpty() && resting.element().restsUntil() <= now) {
            addLast(resting.remove());
        }
    }

    /** Returns when the next upsert has rested enough; {@link Long#MAX_VALUE} if none rests. */
    long nextAt() {
        return resting.isEmpty() ? Long.MAX_VALUE : resting.element().restsUntil();
    }

    boolean hasLive() {
        return !live.isEmpty();
    }

    /** Whether no upsert is ready. */
    boolean isEmpty() {
        return live.isEmpty() && rowsReady == 0;
    }

    int ready() {
        return live.size() + rowsReady;
    }

    boolean hasResting() {
        return !resting.isEmpty();
    }

    /** Removes what one request carries: at least one upsert, if one is ready. */
    List<PendingUpsert> take(int maxPersons) {
        List<PendingUpsert> taken = new ArrayList<>(Math.min(maxPersons, ready()));
        int limit = maxPersons;
        long bytes = 0;
        while (taken.size() < limit) {
            Deque<PendingUpsert> from = next();
            PendingUpsert upsert = from.peekFirst();
            if (upsert == null) {
                break;
            }
            bytes += upsert.state().size();
            if (!taken.isEmpty() && (upsert.batchLimit() <= taken.size() || bytes > BatchLimits.MAX_BYTES)) {
                break;
            }
            from.removeFirst();
            rowsReady -= upsert.isLive() ? 0 : 1;
            turn = (turn + 1) % ROW_SHARE;
            limit = Math.min(limit, upsert.batchLimit());
            taken.add(upsert);
        }
        return taken;
    }

    private Deque<PendingUpsert> next() {
        skipPromoted();
        boolean rowsFirst = turn == 0 ? !rows.isEmpty() : live.isEmpty();
        return rowsFirst ? rows : live;
    }

    private void skipPromoted() {
        @Nullable PendingUpsert head = rows.peekFirst();
        while (head != null && head.isLive()) {
            rows.removeFirst();
            head = rows.peekFirst();
        }
    }

    private Deque<PendingUpsert> queue(PendingUpsert upsert) {
        return upsert.isLive() ? live : rows;
    }
}
