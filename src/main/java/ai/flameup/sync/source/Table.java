package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The columns that are read, and the primary key. Immutable.
 *
 * @param columns the mapped columns, then the expressions, in the order of every {@link ai.flameup.sync.change.Row}
 * @param key the columns of the primary key, mapped or not, in its order
 * @param timeout the maximum time of a statement that computes expressions; zero without expressions
 * @param watched the other tables whose changes cause reads
 */
public record Table(List<Column> columns, List<Column> key, Duration timeout, List<WatchedTable> watched) {
    public Table(List<Column> columns, List<Column> key) {
        this(columns, key, Duration.ZERO, List.of());
    }

    /**
     * Selects the mapped columns.
     *
     * @param all every column of the table, by name
     * @param mapped the names of the mapped columns, each of which exists
     */
    public static Table of(Map<String, Column> all, List<Column> key, List<String> mapped) {
        return new Table(mapped.stream().map(all::get).toList(), key);
    }

    /**
     * Returns the table with expressions behind the mapped columns.
     *
     * @param limit the maximum time of a statement that computes them
     */
    public Table with(List<Column> expressions, Duration limit) {
        return new Table(Stream.concat(columns.stream(), expressions.stream()).toList(), key, limit, watched);
    }

    /** Returns the table with other tables whose changes cause reads. */
    public Table watching(List<WatchedTable> others) {
        return new Table(columns, key, timeout, others);
    }

    /** Returns the mapped columns and those of the key, each once. */
    public List<Column> read() {
        return Stream.concat(columns.stream(), key.stream()).distinct().toList();
    }

    /** Returns the columns of {@link #read} that the table has. */
    public List<Column> stored() {
        return read().stream().filter(column -> !column.isExpression()).toList();
    }
}
