package ai.flameup.sync.doctor;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.StoreLook;
import java.util.Optional;

/**
 * What is known of the store. Immutable.
 *
 * @param content empty if there is no usable store
 * @param held whether a run holds the state directory
 */
record KnownStore(Optional<StoreLook> content, boolean held) {
    Optional<Lsn> position() {
        return content.flatMap(StoreLook::position);
    }
}
