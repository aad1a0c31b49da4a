package ai.flameup.sync.standin;

import java.util.function.Function;

/**
 * What the connections share. Each part is thread-safe.
 *
 * @param choose chooses what to do with a request
 */
record ServerParts(
        Function<ReceivedRequest, Exchange> choose,
        RecordingApi api,
        HeldRequests held,
        Responses responses,
        Traffic traffic) {}
