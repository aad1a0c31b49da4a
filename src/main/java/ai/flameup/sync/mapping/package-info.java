/**
 * From a row to a person: a pure function of the settings and the row.
 *
 * <p>{@link ai.flameup.sync.mapping.Mapper} is the same for the stream, for rows that are read through the fence, and for a
 * preview. Its result, {@link ai.flameup.sync.mapping.Mapped}, is a person to send, nothing, or the reason why the row cannot
 * be mapped. What column values become in JSON is decided where a {@link ai.flameup.sync.change.Row} is made.
 *
 * <p>It contains no I/O, and nothing of Debezium or HTTP. The SQL of an expression is only a text here: the server computes its
 * value, as a column of the row. It may use {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.mapping;

import org.jspecify.annotations.NullMarked;
