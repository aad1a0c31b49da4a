/**
 * SQLite: connections, transactions and prepared statements, the store's file with its checks and migrations, and the faults
 * that its errors become.
 *
 * <p>It knows no table of the store, except through the migration scripts in the resources. It may use
 * {@code state.directory}, {@code change} and {@code fault}. SQLite's driver is used only here and in
 * {@code state}.
 */
@NullMarked
package ai.flameup.sync.state.sqlite;

import org.jspecify.annotations.NullMarked;
