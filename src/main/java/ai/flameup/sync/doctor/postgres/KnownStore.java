package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.StoreContents;
import java.util.Optional;

/**
 * The contents of the store, as far as they could be read. Immutable.
 *
 * @param content empty if there is no usable store
 * @param held whether a run holds the state directory
 */
public record KnownStore(Optional<StoreContents> content, boolean held) {
    Optional<Lsn> position() {
        return content.flatMap(StoreContents::position);
    }
}
