/**
 * Creates what a run needs in the database, removes it again, or prints both as SQL scripts: the role, its rights, the
 * publication and the slot. {@code Setup} and {@code Teardown} run the statements, {@code SetupScript} prints them.
 *
 * <p>Confirmation, output and the administrator's login are in {@code ops} and {@code cli}.
 *
 * <p>May use {@code source}, {@code source.catalog}, {@code source.ddl} and {@code source.slot}.
 */
@NullMarked
package ai.flameup.sync.source.setup;

import org.jspecify.annotations.NullMarked;
