/**
 * The vocabulary that all other packages share: a row and its key, a change of a row and its position in the stream, and
 * the state of a person that a row becomes. {@code Lsn} and {@code Position} are places in the WAL.
 *
 * <p>It contains values only: no I/O, no settings, and no rule of mapping or delivery. Text that may contain personal data
 * is never part of a {@code toString}. It may use {@code fault} and, of libraries, only the encoder of JSON strings.
 */
@NullMarked
package ai.flameup.sync.change;

import org.jspecify.annotations.NullMarked;
