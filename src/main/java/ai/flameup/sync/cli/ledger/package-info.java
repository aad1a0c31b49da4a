/**
 * The commands over the delivery ledger: {@code verify}, {@code explain} and {@code forget}.
 *
 * <p>What they find out is in {@code ops.ledger}.
 *
 * <p>May use {@code cli.input}, {@code cli.output} and {@code cli.backfill}, and every package below {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.ledger;

import org.jspecify.annotations.NullMarked;
