package ai.flameup.sync.config;

import ai.flameup.sync.source.PostgresSettings;

/**
 * The section {@code postgres}. Immutable but for the password, which is read again if it is in a file.
 *
 * @param maxRetainedWal past half of it, changes that wait are deferred, in bytes
 * @param onSlotLost what a run does when the slot does not continue the stored position
 */
public record SourceSettings(PostgresSettings postgres, long maxRetainedWal, OnSlotLost onSlotLost) {}
