/**
 * The commands around a job: init, doctor, setup, teardown, status and demo, one file each, with what they print.
 *
 * <p>Commands that send or preview persons are in {@code cli.send}.
 *
 * <p>May use {@code cli.input} and {@code cli.output}, and every package below {@code cli}.
 */
@NullMarked
package ai.flameup.sync.cli.command;

import org.jspecify.annotations.NullMarked;
