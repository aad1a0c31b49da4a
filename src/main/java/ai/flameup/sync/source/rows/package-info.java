/**
 * Reads rows and keys of the table by SELECT: by page, by key, by condition, each in one snapshot. Also the events of the
 * stream, which carry rows.
 *
 * <p>{@code ReadColumns} has the columns of such a query, and {@code ExpressionGuard} finds the row for which an expression of the
 * mapping fails. Whether an expression is right is checked before, in {@code source.catalog}.
 *
 * <p>The place of these rows in the stream is decided in {@code source.fence}.
 *
 * <p>May use {@code source} and {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.rows;

import org.jspecify.annotations.NullMarked;
