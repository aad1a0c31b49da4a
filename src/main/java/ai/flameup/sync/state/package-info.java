/**
 * The store: what was delivered and what is still to do, in SQLite, and the directory that it is in.
 *
 * <ul>
 *   <li>{@link ai.flameup.sync.state.StateStore} opens, inspects and copies a store. Each subject has a class of its own:
 *       {@code DeadLetters}, {@code Backfills}, {@code Resyncs}, {@code DeferredRows}, {@code StoredKeys},
 *       {@code RunHistory}. Their SQL is in the classes named {@code ...Table}.
 *   <li>The job changes the store only through {@link ai.flameup.sync.state.StateUpdate}s, which
 *       {@link ai.flameup.sync.state.StateWriter} commits in groups and {@code UpdateTransaction} applies.
 *   <li>{@link ai.flameup.sync.state.StateDirectory} is the lock and the directory,
 *       {@link ai.flameup.sync.state.InFlightFile} the requests without an answer.
 *   <li>{@code StoreFile} creates, checks and migrates the file; {@code StoreFaults} turns its failures into faults.
 * </ul>
 *
 * <p>It does not contain the decision what is stored when, nor anything of PostgreSQL or the API. It may use
 * {@code change} and {@code fault}. SQLite's driver is used nowhere else.
 */
@NullMarked
package ai.flameup.sync.state;

import org.jspecify.annotations.NullMarked;
