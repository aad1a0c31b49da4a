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
 * Tracks heartbeats on their way through the server and the pipeline. The age of the oldest one that has not arrived
 * shows the lag, even if the table does not change. One for each process: heartbeats of a former pipeline are
 * superseded by those of the next. Thread-safe.
 */
public final class HeartbeatLag {
    /** A bound for outages of hours: beyond it, the next heartbeat replaces the newest. */
    private static final int MAX_OPEN = 1_024;

    private record Beat(long number, Instant at) {}

    /** The WAL positions of the written heartbeats that have not arrived. */
    private final Map<Long, Lsn> written = new HashMap<>();

    private @Nullable Instant passedWrittenAt;

    private final String token = UUID.randomUUID().toString();
    private final String prefix = token + " ";
    private final Deque<Beat> open = new ArrayDeque<>();
    private long number;
    private @Nullable Instant passedAt;

    /** The prefix of all names, which only this process knows. */
    public String token() {
        return token;
    }

    /** The name of the next heartbeat, which is written now. */
    public synchronized String next(Instant now) {
        if (open.size() >= MAX_OPEN) {
            written.remove(open.removeLast().number);
        }
        open.add(new Beat(++number, now));
        return prefix + number;
    }

    /** Records the WAL position of a heartbeat. */
    public synchronized void written(String name, Lsn at) {
        written.put(numberOf(name), at);
    }

    /** The WAL position of a heartbeat that arrives now; empty if it is not known yet. */
    public synchronized Optional<Lsn> writtenAt(String name) {
        return Optional.ofNullable(written.get(numberOf(name)));
    }

    private long numberOf(String name) {
        return Long.parseLong(name.substring(prefix.length()));
    }

    /** Whether this process has written the marker. */
    public boolean isOurs(String marker) {
        return marker.startsWith(prefix);
    }

    /**
     * Records the arrival of a marker, and with it of all earlier heartbeats.
     *
     * @return whether the marker is a heartbeat of this process
     */
    public synchronized boolean markerReached(String marker, Instant now) {
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

    /** When the oldest heartbeat was written that has not arrived; null if all have arrived. */
    synchronized @Nullable Instant oldest() {
        Beat first = open.peekFirst();
        return first == null ? null : first.at;
    }

    /** When the last heartbeat was written that has arrived; null if none has. */
    public synchronized @Nullable Instant passedWrittenAt() {
        return passedWrittenAt;
    }

    /** When the last heartbeat arrived; null if none has. */
    synchronized @Nullable Instant passedAt() {
        return passedAt;
    }
}
