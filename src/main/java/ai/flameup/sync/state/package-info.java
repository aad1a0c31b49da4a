/**
 * The store of what was delivered and what is still to do, in SQLite: opening, inspecting and copying it, and what it
 * contains of the source and the destination.
 *
 * <p>Start reading at {@code StateStore}. Each subject is a class of its own: {@code Resyncs}, {@code RowKeyColumns},
 * {@code RunHistory} here, dead letters, backfills and deferred rows in {@code state.pending}. The job changes the store only
 * through a {@code StateWriter}, which commits {@code state.update.StateUpdate}s in groups.
 *
 * <p>It does not decide what is stored when, and contains nothing of PostgreSQL or the API. It may use its own
 * sub-packages (state → update → pending → sqlite → directory), {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.state;

import org.jspecify.annotations.NullMarked;
