package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import org.jspecify.annotations.Nullable;

/**
 * How a state arrives.
 *
 * @param position its place in the stream
 * @param key of the row; null if it is not known
 * @param unit what its acknowledgement settles
 * @param live whether the stream delivers it; otherwise its row was read
 * @param mustSend whether it is sent even if the API has it already
 */
record Arrival(Position position, @Nullable RowKey key, AckUnit unit, boolean live, boolean mustSend) {}
