/**
 * The delivery ledger in the store: one row for each person with the state that the API accepted last, as hashes, and the
 * addresses that the person may hold.
 *
 * <p>{@code LedgerTable} writes within a transaction of the store, {@code LedgerReader} reads on a connection of its own, and
 * {@code LedgerHashes} hashes addresses and values with the store's secret. It does not decide what the entries mean
 * ({@code pipeline}). It may use {@code state.sqlite}, {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.state.ledger;

import org.jspecify.annotations.NullMarked;
