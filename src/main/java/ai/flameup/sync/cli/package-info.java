/**
 * The command line. {@code Main} starts the program, {@code RootCommand} names every command, and {@code ClassArchive}
 * preloads classes for the launcher, which names both classes with a {@code main} method.
 *
 * <p>The commands are in {@code command} (init, doctor, setup, teardown, status, demo), {@code send} (run, preview, try),
 * {@code backfill} (backfill, resync) and {@code deadletters}. They share {@code input}, {@code output} and {@code log}. The
 * work that a command starts is not here: it is in {@code ops} and {@code job}.
 *
 * <p>May use every package. No other package may use this one, the command-line library, {@code System.out} or
 * {@code System.err}.
 */
@NullMarked
package ai.flameup.sync.cli;

import org.jspecify.annotations.NullMarked;
