package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.source.slot.RetainedWal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the server shows of the slot; unknown if it has not answered lately. Immutable.
 *
 * @param wal null if the server was not asked, or has not answered
 * @param at when it answered
 */
record ServerView(@Nullable RetainedWal wal, Instant at) {
    static final ServerView NOTHING = new ServerView(null, Instant.EPOCH);

    /** The server is asked every five seconds. */
    private static final Duration STALE = Duration.ofSeconds(20);

    /** This view, or an empty one if it is too old to be reported. */
    ServerView current(Instant now) {
        return Duration.between(at, now).compareTo(STALE) > 0 ? NOTHING : this;
    }

    boolean isKnown() {
        return wal != null;
    }

    /** The end of the server's WAL; null if unknown. */
    @Nullable
    Lsn end() {
        return wal == null ? null : wal.end();
    }

    /** The WAL that the server retains for the slot, in bytes. */
    @Nullable
    Long retained() {
        return wal == null ? null : wal.bytes();
    }

    /** @param limit {@code postgres.max-retained-wal}, in bytes */
    Status.Wal wal(String slot, long limit) {
        return wal == null
                ? new Status.Wal(slot, null, null, limit, null)
                : new Status.Wal(
                        slot,
                        wal.status() == null ? Status.Wal.MISSING : wal.status(),
                        wal.bytes(),
                        limit,
                        wal.serverLimit());
    }

    /** The bytes of WAL from the stored position to the server's end; null if one of them is unknown. */
    @Nullable
    Long lagBytes(@Nullable Lsn position) {
        return wal == null || position == null ? null : Math.max(0, wal.end().value() - position.value());
    }
}
