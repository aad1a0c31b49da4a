package ai.flameup.sync.state.pending;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request to send dead letters again, as the store has it. Immutable.
 *
 * @param id never used again for another
 * @param requested by user@host, or by {@link #AUTOMATIC}
 * @param endedAt null until all of its letters are settled; then asked = delivered + refused + gone
 */
public record Retry(
        long id, Requested requested, Tally tally, @Nullable Instant endedAt) {

    /** The program itself: it delivered a state that was not whole, which leaves the dead letter of the person open. */
    public static final String AUTOMATIC = "flameup-sync";

    /**
     * How many letters it includes, and their results.
     *
     * @param letters all of them; it decreases if a later request includes some of them
     * @param delivered their person was delivered since
     * @param refused refused again, or without a row key, so that they cannot be sent again
     * @param gone their row no longer exists, or they were discarded
     */
    public record Tally(long letters, long delivered, long refused, long gone) {
        /** The letters that are not settled. */
        public long open() {
            return letters - delivered - refused - gone;
        }
    }

    public long letters() {
        return tally.letters;
    }

    public long delivered() {
        return tally.delivered;
    }

    public long refused() {
        return tally.refused;
    }

    public long gone() {
        return tally.gone;
    }
}
