package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import java.util.function.Consumer;

/**
 * What every reader needs to have its rows take their place in the stream.
 *
 * @param deferral takes the keys of rows that are changed again and again while they are read, and stores them before
 *     anything that the reader hands on later
 */
public record FenceContext(Fence fence, Markers markers, Consumer<RowKey> deferral) {}
