/**
 * The state directory: its lock, its owner and permissions, and the file of requests in flight.
 *
 * <p>It contains nothing of SQLite. It may use {@code fault}.
 */
@NullMarked
package ai.flameup.sync.state.directory;

import org.jspecify.annotations.NullMarked;
