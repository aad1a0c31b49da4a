package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;

/**
 * The table's definition at one moment. Immutable.
 *
 * @param version differs after each change of the catalog rows of the table or its schema, such as a rename; also after
 *     changes that do not matter, such as GRANT
 * @param shape the names and types of its columns, and which of them are the primary key
 * @param settled whether no other session holds the lock that a rename takes. Otherwise, a committed rename may not be
 *     visible yet, because its commit waits for a standby
 * @param before the end of the flushed WAL just before; if settled, all commits up to there saw this version
 */
public record TableVersion(String version, String shape, boolean settled, Lsn before) {
    /**
     * Queries the catalog.
     *
     * @throws Fault 3 if the table does not exist, or a query fails
     */
    public static TableVersion read(Database database) {
        PostgresSettings settings = database.settings();
        String table = settings.quotedTable();
        return database.read("reading the table's definition", connection -> {
            // In this order, because a commit is visible before its locks are released.
            Lsn before = Lsn.parse(Queries.text(connection, "SELECT pg_current_wal_flush_lsn()"));
            boolean settled = Queries.text(
                            connection,
                            "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND relation = to_regclass(?)::oid"
                                    + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                                    + " AND mode = 'AccessExclusiveLock' AND granted",
                            table)
                    .equals("0");
            String version = Queries.text(
                    connection,
                    "SELECT concat_ws('/', c.oid, c.xmin, n.oid, n.xmin) FROM pg_class c"
                            + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(?)",
                    table);
            if (version.isEmpty()) {
                throw gone(settings);
            }
            String shape = Queries.text(
                    connection,
                    "SELECT concat(string_agg(concat_ws(' ', attname, atttypid, atttypmod, attgenerated), ', ' ORDER BY attnum),"
                            + " '; ', (SELECT indkey::text FROM pg_index WHERE indrelid = to_regclass(?) AND indisprimary))"
                            + " FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped",
                    table,
                    table);
            return new TableVersion(version, shape, settled, before);
        });
    }

    /** Returns the fault for a table that no longer has its name. */
    public static Fault gone(PostgresSettings settings) {
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: table %s is gone or was renamed; restore it, or check postgres.table"
                        .formatted(settings.tableName()));
    }

    /** Returns this version with another position up to which the table is known to have had its name. */
    public TableVersion knownUpTo(Lsn position) {
        return new TableVersion(version, shape, settled, position);
    }

    /** Whether the definition is the same as at another moment. */
    public boolean isAs(TableVersion other) {
        return version.equals(other.version) && shape.equals(other.shape);
    }
}
