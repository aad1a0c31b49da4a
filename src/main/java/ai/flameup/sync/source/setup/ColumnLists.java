package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import ai.flameup.sync.source.slot.Publication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Decides which columns a publication with a column list has to name. Reads only. Stateless. */
final class ColumnLists {
    private ColumnLists() {}

    /**
     * Returns the columns that are read and those of the replica identity, without which the application's updates fail.
     *
     * @throws Fault 3 if a column list would break the application's updates, or the server does not support it
     */
    static List<String> of(Connection connection, PostgresSettings settings, Table table) throws SQLException {
        if (!Publication.hasLists(connection)) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: column lists of publications need PostgreSQL 15 or newer; leave out --limit-columns");
        }
        if (isIdentityFull(connection, settings)) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: table %s has REPLICA IDENTITY FULL, so a column list would make every UPDATE and DELETE of the application fail; leave out --limit-columns"
                            .formatted(settings.tableName()));
        }
        Set<String> names = new TreeSet<>();
        table.read().forEach(column -> names.add(column.name()));
        String quoted = settings.quotedTable();
        Queries.query(
                connection,
                "SELECT a.attname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
                        + " AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])"
                        + " WHERE " + ReplicaIdentity.TABLES,
                row -> names.add(row.getString(1)),
                quoted,
                quoted);
        // A column list cannot contain generated columns. They are read by SELECT.
        Queries.query(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attgenerated <> ''",
                row -> names.remove(row.getString(1)),
                quoted);
        return List.copyOf(names);
    }

    /** Whether the table or one of its partitions has REPLICA IDENTITY FULL. */
    static boolean isIdentityFull(Connection connection, PostgresSettings settings) throws SQLException {
        String quoted = settings.quotedTable();
        return !Queries.text(
                        connection,
                        "SELECT string_agg(c.relname, '') FROM pg_class c WHERE c.relreplident = 'f' AND "
                                + ReplicaIdentity.TABLES,
                        quoted,
                        quoted)
                .equals("null");
    }
}
