package ai.flameup.sync.status;

import org.jspecify.annotations.Nullable;

/** How much WAL the server retains for the slot, compared with {@code postgres.max-retained-wal}. */
enum RetainedWalLevel {
    FINE,
    /** More than half of the limit. */
    HALF,
    /** More than the limit. */
    PAST;

    /**
     * @param retained in bytes; null if unknown, which is fine
     * @param limit in bytes
     */
    static RetainedWalLevel of(@Nullable Long retained, long limit) {
        return retained == null || retained <= limit / 2 ? FINE : retained <= limit ? HALF : PAST;
    }
}
