package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import java.util.List;
import java.util.stream.Stream;

/**
 * The table as it is read: which columns, and its primary key.
 *
 * @param columns the mapped columns, in the order of every {@link ai.flameup.sync.change.Row}
 * @param key the columns of the primary key, in its order; mapped or not
 */
public record Table(List<Column> columns, List<Column> key) {

    /** Mapped or of the key, each once. */
    public List<Column> read() {
        return Stream.concat(columns.stream(), key.stream()).distinct().toList();
    }
}
