/**
 * Failures that a user can cause or fix, the exit codes, and the commands that messages name.
 *
 * <p>A {@link ai.flameup.sync.fault.Fault} ends a command or halts a run with one line for each problem. A failure that only
 * a bug can cause is an {@link java.lang.IllegalStateException} instead.
 *
 * <p>It does not contain the handling of faults, which is in the packages of the commands and the job. Every package may
 * use it. It uses no other package of this program.
 */
@NullMarked
package ai.flameup.sync.fault;

import org.jspecify.annotations.NullMarked;
