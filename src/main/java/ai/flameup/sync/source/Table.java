package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The table as it is read: which columns, and its primary key.
 *
 * @param columns the mapped columns, in the order of every {@link ai.flameup.sync.change.Row}
 * @param key the columns of the primary key, in its order; mapped or not
 */
public record Table(List<Column> columns, List<Column> key) {

    /**
     * @param all every column of the table, by name
     * @param mapped names of some of them
     */
    public static Table of(Map<String, Column> all, List<Column> key, List<String> mapped) {
        return new Table(mapped.stream().map(all::get).toList(), key);
    }

    /** Mapped or of the key, each once. */
    public List<Column> read() {
        return Stream.concat(columns.stream(), key.stream()).distinct().toList();
    }
}
