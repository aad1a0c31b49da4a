/**
 * The statements that create and remove what the sidecar needs in the database, and the comment that marks it as
 * ours.
 *
 * <p>When they run is decided in {@code source.setup} and {@code source.slot}.
 *
 * <p>Uses {@code source}.
 */
@NullMarked
package ai.flameup.sync.source.ddl;

import org.jspecify.annotations.NullMarked;
