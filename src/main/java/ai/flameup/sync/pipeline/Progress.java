package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Tells how far everything is settled without a gap: in the stream, by transactions, and in a scan, by chunks. For one
 * thread.
 */
final class Progress {
    private final Effects effects;
    private final Deque<Group> stream = new ArrayDeque<>();
    private final Deque<Group> chunks = new ArrayDeque<>();
    private @Nullable Lsn reached;
    private @Nullable Lsn moved;
    private long bytes;
    private int streamTaken;
    private int streamOpen;
    private int chunksOpen;

    Progress(Effects effects) {
        this.effects = effects;
    }

    /** The changes of one transaction, or the rows of one chunk, or (empty) a marker. */
    static final class Group {
        private final @Nullable Lsn resumeAt;
        private final @Nullable String marker;
        private final long scan;
        private final @Nullable RowKey scanned;
        private int taken;
        private int open;
        private int overtaken;
        private int parked;
        private boolean end;
        private boolean latest;
        /** When it was committed; of a chunk, when it came. */
        private long since;

        private Group(@Nullable Lsn resumeAt, @Nullable String marker, long scan, @Nullable RowKey scanned) {
            this.resumeAt = resumeAt;
            this.marker = marker;
            this.scan = scan;
            this.scanned = scanned;
        }

        /** Whether these are rows that somebody asked for by their keys, of no scan. */
        boolean isAskedFor() {
            return scan == 0 && resumeAt == null;
        }
    }

    /** @param since when it was committed */
    Group take(Position position, long since) {
        Group last = stream.peekLast();
        if (last == null || !position.resumeAt().equals(last.resumeAt)) {
            last = new Group(position.resumeAt(), null, 0, null);
            last.since = since;
            stream.add(last);
        }
        last.taken++;
        streamTaken++;
        streamOpen++;
        last.open++;
        return last;
    }

    void reached(Lsn commit) {
        if (reached == null || commit.isAfter(reached)) {
            reached = commit;
            move();
        }
    }

    /** @param latest whether one that is latest too and stands right before it is not of interest any more */
    void mark(String marker, boolean latest) {
        Group last = stream.peekLast();
        if (latest && last != null && last.latest) {
            // Or they would gather as long as the change before them is not settled, for weeks.
            stream.removeLast();
        }
        Group group = new Group(null, marker, 0, null);
        group.latest = latest;
        stream.add(group);
        move();
    }

    /**
     * A chunk, whose rows are then settled one by one.
     *
     * @param overtaken how many more the scan has read, of which the stream brought newer states
     */
    Group chunk(long scan, int rows, int overtaken, @Nullable RowKey scanned, long now) {
        Group group = new Group(null, null, scan, scanned);
        group.overtaken = overtaken;
        group.taken = rows;
        group.open = rows;
        group.since = now;
        chunks.add(group);
        chunksOpen += rows;
        scan();
        return group;
    }

    /** The scan brings nothing more. */
    void scanEnd(long scan) {
        Group group = new Group(null, null, scan, null);
        group.end = true;
        chunks.add(group);
        scan();
    }

    /** Settled as a dead letter. */
    void park(Group group) {
        group.parked++;
        settle(group);
    }

    void settle(Group group) {
        group.open--;
        if (group.resumeAt != null) {
            streamOpen--;
            move();
        } else {
            chunksOpen--;
            scan();
        }
    }

    void load(int size) {
        bytes += size;
    }

    void unload(int size) {
        bytes -= size;
    }

    long bytes() {
        return bytes;
    }

    /** Changes since the oldest that is not settled, and rows of chunks that are not settled. */
    int load() {
        Group first = stream.peekFirst();
        return streamTaken - (first == null ? 0 : first.taken - first.open) + chunksOpen;
    }

    /** Changes and rows that are not settled. */
    int open() {
        return streamOpen + chunksOpen;
    }

    /** When the oldest change was committed that is not settled; null where there is none. */
    @Nullable
    Long oldestChange() {
        // A marker is never the head: it is passed as soon as it comes to be.
        Group first = stream.peekFirst();
        return first == null ? null : first.since;
    }

    /** When the oldest chunk came that is not settled; null where there is none. */
    @Nullable
    Long oldestRow() {
        Group first = chunks.peekFirst();
        return first == null ? null : first.since;
    }

    private void move() {
        while (!stream.isEmpty() && stream.element().open == 0) {
            Group settled = stream.remove();
            streamTaken -= settled.taken;
            String marker = settled.marker;
            if (marker != null) {
                effects.passed(marker);
            }
        }
        // INVARIANT: the head of the stream, if it has one, is a transaction with something open in it.
        Lsn position = stream.isEmpty() ? reached : stream.element().resumeAt;
        if (position != null && (moved == null || position.isAfter(moved))) {
            moved = position;
            effects.moved(position);
        }
    }

    private void scan() {
        while (!chunks.isEmpty() && chunks.element().open == 0) {
            Group chunk = chunks.remove();
            if (chunk.end) {
                effects.scanEnded(chunk.scan);
            } else {
                effects.scanned(chunk.scan, chunk.scanned, chunk.taken, chunk.overtaken, chunk.parked);
            }
        }
    }
}
