/**
 * The format of the log: configures Logback, and encodes each event as one line of text or JSON.
 *
 * <p>May use {@code fault}, and no other package of {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.log;

import org.jspecify.annotations.NullMarked;
