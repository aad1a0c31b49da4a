/**
 * The statements that create and remove the sidecar's objects in the database, as text, and the comment that marks an object
 * as created by flameup-sync.
 *
 * <p>Runs nothing. {@code source.setup} and {@code source.slot} decide when the statements run.
 *
 * <p>May use {@code source}.
 */
@NullMarked
package ai.flameup.sync.source.ddl;

import org.jspecify.annotations.NullMarked;
