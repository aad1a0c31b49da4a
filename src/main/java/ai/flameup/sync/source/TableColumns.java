package ai.flameup.sync.source;

import java.util.List;

/**
 * Columns of a table. Immutable.
 *
 * @param columns their names; at least one
 */
public record TableColumns(TableName table, List<String> columns) {
    /** Returns them for messages. */
    @Override
    public String toString() {
        return "(%s) on %s".formatted(String.join(", ", columns), table);
    }
}
