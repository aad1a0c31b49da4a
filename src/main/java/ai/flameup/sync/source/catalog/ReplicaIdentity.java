package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which columns of the old row the stream carries. Immutable.
 *
 * @param isFull whether it carries all columns in every partition
 * @param columns the columns that it carries in every partition
 */
public record ReplicaIdentity(boolean isFull, Set<String> columns) {
    /**
     * A condition on {@code pg_class c}: the table and its leaf partitions, because each has a replica identity of its own. Two
     * parameters, both the quoted table.
     */
    public static final String TABLES = Relation.namedAndPartitions();

    /**
     * Whether the stream marks every change of a primary key as such, in the table and in each partition.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails
     */
    public static boolean reportsNewKeys(Database database) {
        String table = database.settings().quotedTable();
        return database.read(
                "reading the replica identity",
                connection -> Queries.isTrue(
                        connection,
                        "SELECT bool_and(c.relreplident IN ('d', 'f')) FROM pg_class c WHERE " + TABLES,
                        table,
                        table));
    }

    /**
     * Queries the catalog.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static ReplicaIdentity read(Database database) {
        return database.read(
                "reading the replica identity",
                connection -> read(connection, Relation.of(database.settings().name())));
    }

    static ReplicaIdentity read(Connection connection, Relation table) throws SQLException {
        Set<String> columns = new HashSet<>();
        Queries.query(
                connection,
                "SELECT a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
                        + " AND NOT a.attisdropped WHERE " + table.andPartitions()
                        + " GROUP BY a.attname HAVING bool_and(c.relreplident = 'f'"
                        + " OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])"
                        + " AND CASE c.relreplident WHEN 'd' THEN i.indisprimary ELSE i.indisreplident END))",
                row -> columns.add(row.getString(1)),
                table.parameter(),
                table.parameter());
        String full = Queries.text(
                connection,
                "SELECT bool_and(c.relreplident = 'f') FROM pg_class c WHERE " + table.andPartitions(),
                table.parameter(),
                table.parameter());
        return new ReplicaIdentity(full.equals("t"), Set.copyOf(columns));
    }
}
