/**
 * Queries of the server's catalog: the table, its key, its fitness, limits and usage of the server. Nothing here
 * changes anything.
 *
 * <p>The slot and the publication are in {@code source.slot}.
 *
 * <p>Uses {@code source} and {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.catalog;

import org.jspecify.annotations.NullMarked;
