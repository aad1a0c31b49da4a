/**
 * Sets up and tears down the database for an administrator: role, rights, publication, slot; as statements, or
 * printed as a script.
 *
 * <p>A run creates only the publication and the slot ({@code source.slot}).
 *
 * <p>Uses {@code source.catalog}, {@code source.ddl}, {@code source.slot}.
 */
@NullMarked
package ai.flameup.sync.source.setup;

import org.jspecify.annotations.NullMarked;
