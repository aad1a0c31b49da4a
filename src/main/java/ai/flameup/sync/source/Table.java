package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The columns that are read, and the primary key. Immutable.
 *
 * @param columns the mapped columns, in the order of every {@link ai.flameup.sync.change.Row}
 * @param key the columns of the primary key, mapped or not, in its order
 */
public record Table(List<Column> columns, List<Column> key) {

    /**
     * Selects the mapped columns.
     *
     * @param all every column of the table, by name
     * @param mapped the names of the mapped columns, each of which exists
     */
    public static Table of(Map<String, Column> all, List<Column> key, List<String> mapped) {
        return new Table(mapped.stream().map(all::get).toList(), key);
    }

    /** Returns the mapped columns and those of the key, each once. */
    public List<Column> read() {
        return Stream.concat(columns.stream(), key.stream()).distinct().toList();
    }
}
