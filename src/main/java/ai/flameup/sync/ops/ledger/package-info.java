/**
 * What the commands do that read the delivery ledger: {@code verify} compares every row with it, or with what the API returns,
 * {@code explain} shows one person, {@code forget} removes one.
 *
 * <p>None of them sends a person. Options and output are in {@code cli.ledger}.
 *
 * <p>Uses {@code ops} and the packages below it.
 */
@NullMarked
package ai.flameup.sync.ops.ledger;

import org.jspecify.annotations.NullMarked;
