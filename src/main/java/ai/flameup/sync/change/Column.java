package ai.flameup.sync.change;

/**
 * A column that is read. Immutable.
 *
 * @param name as in the catalog, unquoted
 * @param type as {@code format_type} prints it
 * @param typeOid the object id of the type
 */
public record Column(String name, String type, int typeOid) {}
