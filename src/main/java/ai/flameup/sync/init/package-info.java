/**
 * Proposes a new configuration: looks at a table, suggests which column becomes what, and writes the commented file.
 *
 * <p>Asking the operator is the command line's task.
 *
 * <p>Uses {@code source} and {@code mapping}.
 */
@NullMarked
package ai.flameup.sync.init;

import org.jspecify.annotations.NullMarked;
