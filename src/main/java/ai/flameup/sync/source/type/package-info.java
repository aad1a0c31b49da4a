/**
 * The types of columns: how the text that Postgres prints becomes the canonical text of a value, and how that text becomes a
 * value in SQL.
 *
 * <p>{@code ValueType} knows the canonical text, {@code LiteralText} the literals of arrays and hstore, {@code TypeCatalog} the
 * types of the catalog.
 *
 * <p>Which columns a table has is in {@code source.catalog}. What a value becomes for Flameup is in {@code mapping}.
 *
 * <p>May use {@code source} and {@code change}.
 */
@NullMarked
package ai.flameup.sync.source.type;

import org.jspecify.annotations.NullMarked;
