/**
 * Decides whether a run may continue from the stored position: compares server, slot, table and primary key with what
 * the store knows.
 *
 * <p>{@code SlotGuard} and {@code TableWatch} check before and during a stream. {@code KeyColumns} converts stored keys
 * to a new primary key. {@code ResyncStart} starts a resync if one is requested.
 *
 * <p>What follows from a decision is in {@code job}. The commands in {@code ops} share the checks.
 *
 * <p>Uses {@code config}, {@code source}, {@code mapping} and {@code state}.
 */
@NullMarked
package ai.flameup.sync.resume;

import org.jspecify.annotations.NullMarked;
