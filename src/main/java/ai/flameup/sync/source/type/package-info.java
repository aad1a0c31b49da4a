/**
 * The canonical text of column values, by the type's number in the catalog.
 *
 * <p>Which columns exist is in {@code source.catalog}.
 *
 * <p>Uses {@code source}.
 */
@NullMarked
package ai.flameup.sync.source.type;

import org.jspecify.annotations.NullMarked;
