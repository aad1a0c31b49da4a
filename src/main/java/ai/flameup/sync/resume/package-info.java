/**
 * Decides whether a run may continue from the stored position: server, slot, table and key are compared with what the
 * store knows.
 *
 * <p>What follows from the decision is in {@code job}.
 *
 * <p>Uses {@code config}, {@code source}, {@code state}. {@code job} and {@code doctor}'s caller in {@code ops} share
 * it.
 */
@NullMarked
package ai.flameup.sync.resume;

import org.jspecify.annotations.NullMarked;
