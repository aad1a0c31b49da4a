package ai.flameup.sync.change;

/**
 * A column of the table that is read.
 *
 * @param name as in the catalog, unquoted
 * @param type as {@code format_type} prints it
 * @param typeOid the type's number in the catalog
 */
public record Column(String name, String type, int typeOid) {}
