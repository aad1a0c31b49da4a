/**
 * The commands that send existing rows again: {@code backfill} with its subcommands, and {@code resync}. They store a request,
 * and follow it until it is done.
 *
 * <p>The work itself is in the package {@code backfill} of the job.
 *
 * <p>May use {@code cli.input} and {@code cli.output}, and every package below {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.backfill;

import org.jspecify.annotations.NullMarked;
