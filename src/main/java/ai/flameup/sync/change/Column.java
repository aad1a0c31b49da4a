package ai.flameup.sync.change;

import org.jspecify.annotations.Nullable;

/**
 * A column that is read. Immutable.
 *
 * @param name as in the catalog, unquoted; of an expression the configuration key
 * @param type as {@code format_type} prints it
 * @param typeOid the object id of the type
 * @param sql an expression over the row that the server computes when it reads the row; null for a column of the table
 */
public record Column(
        String name, String type, int typeOid, @Nullable String sql) {
    /** The name of the expression that selects rows. The others are computed only for the rows that it selects. */
    public static final String CONDITION = "mapping.where";
    /** A column of the table. */
    public Column(String name, String type, int typeOid) {
        this(name, type, typeOid, null);
    }

    /** Whether the server computes it when it reads the row, so that no change carries it. */
    public boolean isExpression() {
        return sql != null;
    }
}
