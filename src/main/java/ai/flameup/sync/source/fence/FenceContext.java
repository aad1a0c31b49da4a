package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import java.util.function.Consumer;

/**
 * What a reader needs to pass its rows through the fence. Immutable.
 *
 * @param deferral takes the keys of rows that change repeatedly while they are read, and stores them before anything that the
 *     reader delivers later
 * @param pace shared by all readers
 */
public record FenceContext(Fence fence, Markers markers, Consumer<RowKey> deferral, ReadPace pace) {}
