package ai.flameup.sync.source.setup;

import java.util.List;

/**
 * What setup grants and publishes. Immutable.
 *
 * @param database the name of the database, unquoted
 * @param columns the columns that the role has to read
 * @param limit the publication's column list; empty for none
 */
public record SetupPlan(String database, List<String> columns, List<String> limit) {}
