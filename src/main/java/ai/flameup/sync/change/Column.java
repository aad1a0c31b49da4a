package ai.flameup.sync.change;

/**
 * A column of the table that is read.
 *
 * @param name as in the catalog, unquoted
 * @param type as {@code format_type} prints it
 */
public record Column(String name, String type, JsonKind kind) {}
