package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tracks up to where everything is settled without a gap: in the stream by transactions, because resuming inside a
 * transaction loses rows, and in a scan by chunks. For one thread.
 */
final class AckTracker {
    private final List<Action> actions;
    private final Deque<AckUnit> stream = new ArrayDeque<>();
    private final Deque<AckUnit> chunks = new ArrayDeque<>();
    private @Nullable Lsn reached;
    private @Nullable Lsn acknowledged;
    private int streamMembers;
    private int streamOpen;
    private int chunksOpen;

    /**
     * @param actions takes the positions, markers and scans that are settled
     */
    AckTracker(List<Action> actions) {
        this.actions = actions;
    }

    /** Adds a change to the unit of its transaction, and returns the unit. */
    AckUnit add(Position position, long committedAt) {
        AckUnit unit = stream.peekLast();
        if (unit == null || !position.resumeAt().equals(unit.resumeAt())) {
            unit = AckUnit.transaction(position.resumeAt(), committedAt);
            stream.add(unit);
        }
        unit.addMember();
        streamMembers++;
        streamOpen++;
        return unit;
    }

    /** Removes a change from the unit of its transaction, as if it had not arrived. */
    void remove(AckUnit transaction) {
        transaction.removeMember();
        streamMembers--;
        streamOpen--;
        advanceStream();
    }

    /** Every change of every transaction that committed up to here was added. */
    void commitReached(Lsn commit) {
        if (reached == null || commit.isAfter(reached)) {
            reached = commit;
            advanceStream();
        }
    }

    /** Adds a marker. Replaces a latest-only marker directly before it with a latest-only one. */
    void addMarker(String marker, boolean latestOnly) {
        AckUnit last = stream.peekLast();
        if (latestOnly && last != null && last.kind() == AckUnit.Kind.LATEST_MARKER) {
            // Otherwise they would accumulate while the change before them is not settled, which may take weeks.
            stream.removeLast();
        }
        stream.add(AckUnit.marker(marker, latestOnly));
        advanceStream();
    }

    /** Adds a chunk, whose rows are then settled one by one. */
    AckUnit addChunk(Event.ChunkStarted started, long now) {
        AckUnit chunk = AckUnit.chunk(started, now);
        chunks.add(chunk);
        chunksOpen += started.rows();
        advanceScans();
        return chunk;
    }

    void addScanEnd(long scan) {
        chunks.add(AckUnit.scanEnd(scan));
        advanceScans();
    }

    /** One change or row is settled as a dead letter. */
    void settleParked(AckUnit unit) {
        unit.countParked();
        settle(unit);
    }

    /** One change or row is settled. */
    void settle(AckUnit unit) {
        unit.settleMember();
        if (unit.kind() == AckUnit.Kind.TRANSACTION) {
            streamOpen--;
            advanceStream();
        } else {
            chunksOpen--;
            advanceScans();
        }
    }

    void settleAll(List<AckUnit> units) {
        for (int i = 0; i < units.size(); i++) {
            settle(units.get(i));
        }
    }

    void settleAllUnchanged(List<AckUnit> units) {
        for (int i = 0; i < units.size(); i++) {
            units.get(i).countUnchanged();
            settle(units.get(i));
        }
    }

    void settleAllParked(List<AckUnit> units) {
        for (int i = 0; i < units.size(); i++) {
            settleParked(units.get(i));
        }
    }

    /** Returns the number of changes since the oldest unsettled one, and of unsettled rows. */
    int load() {
        AckUnit first = stream.peekFirst();
        return streamMembers - (first == null ? 0 : first.settledMembers()) + chunksOpen;
    }

    /** Returns the number of unsettled changes and rows. */
    int open() {
        return streamOpen + chunksOpen;
    }

    /** Returns the number of unsettled changes. */
    int openChanges() {
        return streamOpen;
    }

    /** Returns the start of the transaction that arrived last; null if all of its changes so far are settled. */
    @Nullable
    Lsn newestTransaction() {
        AckUnit last = stream.peekLast();
        return last == null ? null : last.resumeAt();
    }

    boolean isOfNewestTransaction(AckUnit unit) {
        return unit == stream.peekLast();
    }

    /** Returns the number of unsettled changes of the transaction that arrived last. */
    int openOfNewest() {
        AckUnit last = stream.peekLast();
        return last == null ? 0 : last.members() - last.settledMembers();
    }

    /** Returns the position up to which everything is settled; null before the first. */
    @Nullable
    Lsn acknowledged() {
        return acknowledged;
    }

    /** Returns when the oldest unsettled change was committed; null if there is none. */
    @Nullable
    Long oldestChange() {
        // A marker is never the head: it is reported as soon as it gets there.
        AckUnit first = stream.peekFirst();
        return first == null ? null : first.since();
    }

    /** Returns when the oldest unsettled chunk arrived; null if there is none. */
    @Nullable
    Long oldestRow() {
        AckUnit first = chunks.peekFirst();
        return first == null ? null : first.since();
    }

    private void advanceStream() {
        AckUnit head = stream.peekFirst();
        while (head != null && head.isSettled()) {
            stream.removeFirst();
            streamMembers -= head.members();
            String marker = head.marker();
            if (marker != null) {
                actions.add(new Action.ReportMarker(marker));
            }
            head = stream.peekFirst();
        }
        // INVARIANT: the head of the stream, if any, is a transaction with an open change.
        Lsn position = head == null ? reached : head.resumeAt();
        if (position != null && (acknowledged == null || position.isAfter(acknowledged))) {
            acknowledged = position;
            actions.add(new Action.AdvancePosition(position));
        }
    }

    private void advanceScans() {
        while (!chunks.isEmpty() && chunks.element().isSettled()) {
            AckUnit chunk = chunks.remove();
            actions.add(chunk.kind() == AckUnit.Kind.SCAN_END ? new Action.EndScan(chunk.scan()) : chunk.toProgress());
        }
    }
}
