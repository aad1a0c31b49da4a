/**
 * One run: opens, wires and closes everything, decides what is to be done, and keeps the stream and the pipeline
 * going.
 *
 * <p>The commands beside a run are in {@code ops}.
 *
 * <p>Uses every package below it.
 */
@NullMarked
package ai.flameup.sync.job;

import org.jspecify.annotations.NullMarked;
