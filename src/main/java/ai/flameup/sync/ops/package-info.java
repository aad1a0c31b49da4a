/**
 * What the commands do apart from a run: examine, set up, preview, send one person, plan a backfill or a resync, and
 * delegate a task to the active run.
 *
 * <p>Each class serves one command. None of them changes the server or the store unless that is the command's purpose.
 *
 * <p>Options, questions and output are in {@code cli}.
 *
 * <p>Uses {@code job} and every package below it.
 */
@NullMarked
package ai.flameup.sync.ops;

import org.jspecify.annotations.NullMarked;
