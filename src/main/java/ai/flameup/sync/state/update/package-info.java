/**
 * The changes of the store as values, and their execution within one transaction.
 *
 * <p>{@code CommitQueue} gathers them until a commit is due, {@code UpdateBatch} drops those that later ones replace, and
 * {@code UpdateTransaction} applies the rest. The thread that commits them is {@code state.StateWriter}. It may use
 * {@code state.pending} and {@code state.sqlite}.
 */
@NullMarked
package ai.flameup.sync.state.update;

import org.jspecify.annotations.NullMarked;
