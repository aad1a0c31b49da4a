package ai.flameup.sync.state.pending;

import java.time.Instant;

/**
 * Who made a request, and when. Immutable.
 *
 * @param by user@host, or the part of the program that made it
 */
public record Requested(Instant at, String by) {}
