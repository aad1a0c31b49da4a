package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Our own heartbeats on their way through the server and the pipeline: the age of the oldest one that has not come
 * through says how far we are behind, whatever the table is up to. One for a process; a beat that a former run of it has
 * written is passed by the next one's. Thread-safe.
 */
public final class HeartbeatLag {
    /** An outage of hours has no more: of those the newest makes room for the next. */
    private static final int MOST = 1_024;

    private record Beat(long number, Instant at) {}

    /** Where those stand that were written; without those that have come through. */
    private final Map<Long, Lsn> written = new HashMap<>();

    private @Nullable Instant passedWrittenAt;

    private final String token = UUID.randomUUID().toString();
    private final String prefix = token + " ";
    private final Deque<Beat> open = new ArrayDeque<>();
    private long number;
    private @Nullable Instant passedAt;

    /** What the names of all of them begin with, which only this process knows. */
    public String token() {
        return token;
    }

    /** The name of the next one, which is written at this time. */
    public synchronized String next(Instant now) {
        if (open.size() >= MOST) {
            written.remove(open.removeLast().number);
        }
        open.add(new Beat(++number, now));
        return prefix + number;
    }

    /** The one of this name stands there in the WAL. */
    public synchronized void written(String name, Lsn at) {
        written.put(numberOf(name), at);
    }

    /** Where a beat of ours stands that comes through now; empty where that is not known yet. */
    public synchronized Optional<Lsn> writtenAt(String name) {
        return Optional.ofNullable(written.get(numberOf(name)));
    }

    private long numberOf(String name) {
        return Long.parseLong(name.substring(prefix.length()));
    }

    /** Whether this process has written it. */
    public boolean isOurs(String marker) {
        return marker.startsWith(prefix);
    }

    /** @return whether the marker is a beat of ours, which has come through together with all before it */
    public synchronized boolean passed(String marker, Instant now) {
        if (!isOurs(marker)) {
            return false;
        }
        long passed = numberOf(marker);
        written.keySet().removeIf(number -> number <= passed);
        while (!open.isEmpty() && open.element().number <= passed) {
            passedWrittenAt = open.remove().at;
        }
        passedAt = now;
        return true;
    }

    /** When the oldest one was written that has not come through; null where all have. */
    synchronized @Nullable Instant oldest() {
        Beat first = open.peekFirst();
        return first == null ? null : first.at;
    }

    /** When the last one was written that has come through; null where none has. */
    public synchronized @Nullable Instant passedWrittenAt() {
        return passedWrittenAt;
    }

    /** When one came through last; null where none has. */
    synchronized @Nullable Instant passedAt() {
        return passedAt;
    }
}
