package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the table's present rows in the way a run does, but without slot, stream and fence. For commands that send nothing
 * from the stream. One thread at a time.
 */
public final class TableRows {
    private static final String DATA_EXCEPTION = "22";

    private final Database database;
    private final Table table;
    private final RowReader reader;
    private final PageReader pages;

    /** @param maxRows the maximum number of rows of a page, which is limited in bytes as well */
    public TableRows(Database database, Table table, int maxRows) {
        this.database = database;
        this.table = table;
        this.reader = new RowReader(database, table);
        this.pages = new PageReader(database, table, reader, maxRows);
    }

    /**
     * Reads the next page in the order of the primary key.
     *
     * @param after the last key that was read; null for the first page
     * @param most the maximum number of rows, positive
     * @return the rows; empty at the end
     * @throws Fault 3 if the query fails
     */
    public List<KeyedRow> next(@Nullable RowKey after, int most) {
        try {
            return next(new PageReader.Range(after, null, null), most);
        } catch (SQLException e) {
            throw database.fault("reading the table", e);
        }
    }

    /**
     * Like {@link #next}, for the rows that have a value: several if the column is not unique.
     *
     * @param column the name of a mapped column
     * @param value a text that Postgres accepts for the column's type
     * @param most the maximum number of rows; with 0 only the value is checked
     * @throws Fault 2 with Postgres's message if the value is not of the column's type; 3 if the query fails otherwise
     */
    public List<KeyedRow> nextHolding(String column, String value, @Nullable RowKey after, int most) {
        return nextHolding(column, List.of(value), after, most);
    }

    /**
     * Like {@link #nextHolding(String, String, RowKey, int)}, for the rows that have one of several values.
     *
     * @param values at least one; each a text that Postgres accepts for the column's type
     * @throws Fault 2 with Postgres's message if a value is not of the column's type; 3 if the query fails otherwise
     */
    public List<KeyedRow> nextHolding(String column, List<String> values, @Nullable RowKey after, int most) {
        Column holding = table.columns().stream()
                .filter(one -> one.name().equals(column))
                .findFirst()
                .orElseThrow();
        try {
            return next(new PageReader.Range(after, null, new PageReader.Holding(holding, values)), most);
        } catch (SQLException e) {
            throw String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)
                    ? new Fault(ExitCode.USAGE, "column %s: %s".formatted(column, PostgresFailures.message(e)), e)
                    : database.fault("reading the rows of a user id", e);
        }
    }

    /**
     * Reads the rows of primary keys.
     *
     * @param keys few, because all of their rows are in memory
     * @return the rows that exist
     * @throws Fault 3 if the query fails
     */
    public List<KeyedRow> ofKeys(List<RowKey> keys) {
        List<KeyedRow> found = new ArrayList<>();
        int from = 0;
        try {
            while (from < keys.size()) {
                int[] covered = {0};
                List<RowKey> rest = keys.subList(from, keys.size());
                found.addAll(reader.inOneSnapshot(connection -> {
                            RowReader.KeyPage page = reader.pageByKey(connection, rest);
                            covered[0] = page.covered();
                            return page.rows();
                        })
                        .rows());
                from += covered[0];
            }
            return found;
        } catch (SQLException e) {
            throw database.fault("reading rows again", e);
        }
    }

    private List<KeyedRow> next(PageReader.Range range, int most) throws SQLException {
        return reader.inOneSnapshot(connection -> pages.next(connection, range, most))
                .rows();
    }
}
