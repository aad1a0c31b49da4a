package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.catalog.ExpressionReads;
import java.util.List;
import java.util.stream.Stream;

/**
 * What setup grants and publishes. Immutable.
 *
 * @param database the name of the database, unquoted
 * @param columns the columns that the role has to read
 * @param limit the publication's column list; empty for none
 * @param watched the watched tables, each once
 * @param others what the mapping's expressions read of other tables
 */
public record SetupPlan(
        String database,
        List<String> columns,
        List<String> limit,
        List<TableName> watched,
        ExpressionReads.Found others) {
    /** Returns the schemas of the other tables and of the watched ones, each once. The role has to use them. */
    List<String> schemas() {
        return Stream.concat(others.tables().stream().map(TableColumns::table), watched.stream())
                .map(TableName::schema)
                .distinct()
                .toList();
    }
}
