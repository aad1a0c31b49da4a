package ai.flameup.sync.source.type;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Returns types by their oids, and queries the catalog once for each. Thread-safe. */
public final class TypeCatalog {
    private final Database database;
    private final Map<Integer, ValueType> known = new ConcurrentHashMap<>();

    public TypeCatalog(Database database) {
        this.database = database;
    }

    /**
     * Returns a type.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails
     */
    public ValueType of(int oid) {
        ValueType type = known.get(oid);
        if (type != null) {
            return type;
        }
        return database.read("reading a column's type", connection -> of(connection, oid));
    }

    /**
     * Returns an SQL expression of the column's type.
     *
     * @param text an SQL expression for the canonical text, such as a parameter
     */
    public String typed(Column column, String text) {
        return decoded(column, text) + "::" + column.type();
    }

    /**
     * Returns an SQL expression that Postgres accepts for the column.
     *
     * @param text an SQL expression for the canonical text, such as a parameter
     */
    public String decoded(Column column, String text) {
        return of(column.typeOid()).form() == ValueType.Form.BYTES ? "decode(" + text + ", 'base64')" : text;
    }

    private record Entry(int base, String output, int element) {}

    /** Like {@link #of(int)}, on the given connection. */
    public ValueType of(Connection connection, int oid) throws SQLException {
        ValueType before = known.get(oid);
        if (before != null) {
            return before;
        }
        @Nullable Entry[] entry = new Entry[1];
        Queries.query(
                connection,
                "SELECT t.typbasetype, p.proname, t.typelem FROM pg_type t JOIN pg_proc p ON p.oid = t.typoutput"
                        + " WHERE t.oid = ?::oid",
                row -> entry[0] = new Entry(row.getInt(1), row.getString(2), row.getInt(3)),
                Integer.toUnsignedString(oid));
        Entry found = entry[0];
        ValueType type;
        if (found == null) {
            // The type was dropped meanwhile, with its columns.
            type = ValueType.scalar("");
        } else if (found.base != 0) {
            type = of(connection, found.base);
        } else if (found.output.equals("array_out")) {
            type = ValueType.array(of(connection, found.element));
        } else if (!areStreamed(connection, oid)) {
            type = ValueType.readOnly();
        } else {
            type = ValueType.scalar(found.output);
        }
        known.put(oid, type);
        return type;
    }

    /** Whether the stream prints the parts of a composite, a range or a multirange like a read does. */
    private boolean areStreamed(Connection connection, int oid) throws SQLException {
        List<Integer> parts = new ArrayList<>();
        String number = Integer.toUnsignedString(oid);
        Queries.query(
                connection,
                "SELECT a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid WHERE t.oid = ?::oid"
                        + " AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped"
                        + " UNION SELECT rngsubtype FROM pg_range WHERE ?::oid IN (rngtypid, rngmultitypid)",
                row -> parts.add(row.getInt(1)),
                number,
                number);
        for (int part : parts) {
            if (!of(connection, part).isStreamed()) {
                return false;
            }
        }
        return true;
    }
}
