package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.Optional;

/**
 * What a store contains, as {@link StateStore#inspect} reads it. Immutable.
 *
 * @param version the version of its schema
 * @param newest the version to which this program migrates it
 * @param identity empty before the first start has reached its slot
 * @param position where the stream resumes; empty if the identity is
 */
public record StoreContents(
        int version, int newest, Optional<Identity> identity, Optional<Lsn> position, Stream stream) {
    /**
     * What the server must match for the stream to continue. All of it is empty in a store of an older version.
     *
     * @param publication as {@link StateStore#publication}
     * @param gap as {@link StateStore#gap}
     * @param witness as {@link StateStore#witness}
     */
    public record Stream(
            Optional<String> publication, Optional<String> gap, Optional<StateUpdate.HeartbeatSeen> witness) {
        static final Stream UNKNOWN = new Stream(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
