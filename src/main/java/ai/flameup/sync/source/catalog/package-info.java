/**
 * What the server's catalog says: the server, the table with its columns and key, its replica identity and partitions, the
 * limits of connections. Also the checks that decide whether a run can work, each with its remedy: {@code Preconditions}, and
 * {@code ExpressionCheck} for the SQL of the mapping.
 *
 * <p>Reads only. The slot and the publication are in {@code source.slot}.
 *
 * <p>May use {@code source} and {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.catalog;

import org.jspecify.annotations.NullMarked;
