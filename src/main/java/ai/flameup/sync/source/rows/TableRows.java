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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table's rows as they are at the moment, without slot, stream and fence, for whoever only looks. They are read as a
 * run reads them. One thread at a time.
 */
public final class TableRows {
    private static final String DATA_EXCEPTION = "22";

    private final Database database;
    private final Table table;
    private final RowReader reader;
    private final PageReader pages;

    public TableRows(Database database, Table table) {
        this.database = database;
        this.table = table;
        this.reader = new RowReader(database, table);
        this.pages = new PageReader(database, table, reader);
    }

    /**
     * The next rows in the order of the primary key, bounded in bytes as well.
     *
     * @param after where the pages have come to; null for their beginning
     * @param most positive
     * @return empty where there are no more
     * @throws Fault 3 if they cannot be read
     */
    public List<KeyedRow> next(@Nullable RowKey after, int most) {
        try {
            return next(new PageReader.Range(after, null, null), most);
        } catch (SQLException e) {
            throw database.fault("reading the table", e);
        }
    }

    /**
     * As {@link #next}, of the rows that hold a value: more than one where the column is not unique.
     *
     * @param column one of the table's that is mapped
     * @param value as the column's type is written
     * @param most 0 tells of no row, only whether the value is one
     * @throws Fault 2 with Postgres's own words if no value of the type is written like that; 3 if they cannot be read
     */
    public List<KeyedRow> nextHolding(String column, String value, @Nullable RowKey after, int most) {
        Column holding = table.columns().stream()
                .filter(one -> one.name().equals(column))
                .findFirst()
                .orElseThrow();
        try {
            return next(new PageReader.Range(after, null, new PageReader.Holding(holding, value)), most);
        } catch (SQLException e) {
            throw String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)
                    ? new Fault(ExitCode.USAGE, "column %s: %s".formatted(column, PostgresFailures.message(e)), e)
                    : database.fault("reading the rows of a user id", e);
        }
    }

    private List<KeyedRow> next(PageReader.Range range, int most) throws SQLException {
        return reader.inOneSnapshot(connection -> pages.next(connection, range, most))
                .rows();
    }
}
