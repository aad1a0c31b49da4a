package ai.flameup.sync.standin;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * A person that the stand-in applied. Immutable.
 *
 * @param number in the order of application, from 1
 * @param at when it was applied
 * @param person as it was sent
 * @param source the request that contained it
 */
public record AppliedPerson(long number, Instant at, JsonNode person, ReceivedRequest source) {
    /** Returns the person's user id. */
    public String userId() {
        return person.path("userId").asText();
    }

    /** Returns the number of the request, from 1. */
    public long request() {
        return source.number();
    }

    /** Returns whether the person came in a batch. */
    public boolean batch() {
        return source.isBatch();
    }

    /** Returns {@link System#nanoTime} when the request was complete. */
    public long arrivedNanos() {
        return source.arrivedNanos();
    }
}
