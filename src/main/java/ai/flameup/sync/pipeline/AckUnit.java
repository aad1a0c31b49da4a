package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import org.jspecify.annotations.Nullable;

/**
 * What is acknowledged together: the changes of one transaction, or the rows of one chunk. Markers and the ends of scans
 * are units without members. Only {@link AckTracker} changes it.
 */
final class AckUnit {
    enum Kind {
        TRANSACTION,
        MARKER,
        LATEST_MARKER,
        CHUNK,
        SCAN_END
    }

    private final Kind kind;
    /** The time of the commit; of a chunk, the time of its arrival. */
    private final long since;

    private @Nullable Lsn resumeAt;
    private @Nullable String marker;
    private long scan;
    private @Nullable RowKey upTo;
    private int overtaken;
    private int members;
    private int open;
    private int parked;
    private int unchanged;

    private AckUnit(Kind kind, long since) {
        this.kind = kind;
        this.since = since;
    }

    static AckUnit transaction(Lsn resumeAt, long committedAt) {
        AckUnit unit = new AckUnit(Kind.TRANSACTION, committedAt);
        unit.resumeAt = resumeAt;
        return unit;
    }

    static AckUnit marker(String marker, boolean latestOnly) {
        AckUnit unit = new AckUnit(latestOnly ? Kind.LATEST_MARKER : Kind.MARKER, 0);
        unit.marker = marker;
        return unit;
    }

    static AckUnit chunk(Event.ChunkStarted chunk, long now) {
        AckUnit unit = new AckUnit(Kind.CHUNK, now);
        unit.scan = chunk.scan().id();
        unit.upTo = chunk.upTo();
        unit.overtaken = chunk.overtaken();
        unit.members = chunk.rows();
        unit.open = chunk.rows();
        return unit;
    }

    static AckUnit scanEnd(long scan) {
        AckUnit unit = new AckUnit(Kind.SCAN_END, 0);
        unit.scan = scan;
        return unit;
    }

    Kind kind() {
        return kind;
    }

    long since() {
        return since;
    }

    /** Returns the start of the transaction; null for other kinds. */
    @Nullable
    Lsn resumeAt() {
        return resumeAt;
    }

    @Nullable
    String marker() {
        return marker;
    }

    long scan() {
        return scan;
    }

    /** Whether these are rows that an operator requested by their keys. */
    boolean isRequestedByKey() {
        return kind == Kind.CHUNK && scan == 0;
    }

    boolean isSettled() {
        return open == 0;
    }

    int members() {
        return members;
    }

    int settledMembers() {
        return members - open;
    }

    /** Returns the progress of a chunk whose rows are settled. */
    Action.AdvanceScan toProgress() {
        return new Action.AdvanceScan(scan, upTo, members, overtaken, new Action.Unsent(parked, unchanged));
    }

    void addMember() {
        members++;
        open++;
    }

    void removeMember() {
        members--;
        open--;
    }

    void settleMember() {
        open--;
    }

    void countParked() {
        parked++;
    }

    void countUnchanged() {
        unchanged++;
    }
}
