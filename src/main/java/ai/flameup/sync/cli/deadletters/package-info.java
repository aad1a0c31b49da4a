/**
 * The command {@code dead-letters} with its subcommands list, show, retry and discard, and the printers of dead letters as
 * text and as JSON.
 *
 * <p>May use {@code cli.input} and {@code cli.output}, and every package below {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.deadletters;

import org.jspecify.annotations.NullMarked;
