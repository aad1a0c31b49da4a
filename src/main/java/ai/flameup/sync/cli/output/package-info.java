/**
 * What commands print: standard output, text and JSON that are safe for a terminal, JSON lists, and progress.
 *
 * <p>Output of a single command is next to that command.
 *
 * <p>May use the packages below {@code cli}, and no other package of {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.output;

import org.jspecify.annotations.NullMarked;
