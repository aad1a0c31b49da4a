/**
 * The connection to Postgres: settings, sessions, the pool, failures and their remedies, and how to quote names and run
 * queries.
 *
 * <p>{@code Connections} opens every connection, ordinary or for replication, with the {@code SessionSettings}; {@code Database}
 * is the pool. Debezium's connections go through {@code source.stream.EngineConnections}, which calls {@code Connections}.
 *
 * <p>This package knows no catalog table and no slot. Those are in the packages below it, from {@code type} up to {@code
 * stream}. All SQL of the source is in these packages.
 *
 * <p>May use {@code change} and {@code fault}, JDBC and the connection pool.
 */
@NullMarked
package ai.flameup.sync.source;

import org.jspecify.annotations.NullMarked;
