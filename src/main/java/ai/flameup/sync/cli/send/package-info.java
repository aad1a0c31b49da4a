/**
 * The commands that turn rows into requests: run, its dry run, preview and try, with the printers of requests and
 * responses as text and as JSON.
 *
 * <p>Commands that send rows again are in {@code cli.backfill} and {@code cli.deadletters}.
 *
 * <p>May use {@code cli.input} and {@code cli.output}, and every package below {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.send;

import org.jspecify.annotations.NullMarked;
