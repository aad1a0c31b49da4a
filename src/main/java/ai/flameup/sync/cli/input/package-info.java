/**
 * What commands receive: the global options, questions and answers on the terminal, an administrator's login, and signals.
 * {@code Subcommand} is the base class of every command.
 *
 * <p>May use {@code cli.log}, and every package below {@code cli}. No command is named here.
 */
@NullMarked
package ai.flameup.sync.cli.input;

import org.jspecify.annotations.NullMarked;
