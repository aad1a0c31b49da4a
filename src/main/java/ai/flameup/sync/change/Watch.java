package ai.flameup.sync.change;

import java.util.Map;

/**
 * Another table that is watched. When a row of it is changed, the rows of our table are read again that have the same values.
 * Immutable.
 *
 * @param table as in the configuration, with its schema
 * @param match columns of that table, each with the column of our table with which it is compared; at least one, ordered
 */
public record Watch(String table, Map<String, String> match) {}
