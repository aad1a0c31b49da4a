package ai.flameup.sync.source.slot;

import java.util.Map;

/**
 * Which entries of the publication the watched tables have at one moment. A table that is removed and added again has another
 * entry. Immutable.
 *
 * @param byId the oid of the entry by {@code WatchedTable.id()}; 0 if the publication is for all tables
 * @param oldestOpen the oldest transaction that was open at that moment
 * @param next the first transaction that had not begun
 */
public record WatchedEntries(Map<String, String> byId, long oldestOpen, long next) {}
