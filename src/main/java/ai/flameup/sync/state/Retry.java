package ai.flameup.sync.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request to send dead letters again, as the store has it. Immutable.
 *
 * @param id never used again for another
 * @param requestedBy user@host, or {@link #AUTOMATIC}
 * @param asked how many letters it is about; smaller than it was where a later request has taken some of them over
 * @param delivered those whose person was delivered since
 * @param refused those that were refused again, or cannot be sent again because the row's key is not known
 * @param gone those whose row is not there any more, or that were discarded meanwhile
 * @param endedAt null as long as letters are under it; then asked = delivered + refused + gone
 */
public record Retry(
        long id,
        Instant requestedAt,
        String requestedBy,
        long asked,
        long delivered,
        long refused,
        long gone,
        @Nullable Instant endedAt) {

    /** Nobody asked for it: a state that was not whole was delivered, which leaves the person's letter unsettled. */
    public static final String AUTOMATIC = "flameup-sync";
}
