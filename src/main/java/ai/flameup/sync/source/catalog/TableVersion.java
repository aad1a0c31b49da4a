package ai.flameup.sync.source.catalog;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.WatchedTable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table's definition at one moment, to detect that it has changed. Immutable.
 *
 * @param version differs after each change of the catalog rows of the table or its schema; also after changes that do not
 *     matter, such as GRANT
 * @param shape the names and types of its columns, and which of them are the primary key; and those of watched tables
 */
public record TableVersion(String version, String shape) {
    /**
     * Queries the catalog.
     *
     * @param watched tables whose columns count too
     * @throws Fault 3 if the table does not exist, or a query fails
     */
    public static TableVersion read(Database database, List<WatchedTable> watched) {
        PostgresSettings settings = database.settings();
        String table = settings.quotedTable();
        return database.read("reading the table's definition", connection -> {
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
            String others = watched.isEmpty()
                    ? ""
                    : Queries.text(
                            connection,
                            "SELECT string_agg(concat_ws(' ', attrelid, attname, atttypid, atttypmod), ', ' ORDER BY attrelid, attnum)"
                                    + " FROM pg_attribute WHERE attrelid = ANY (?::oid[]) AND attnum > 0 AND NOT attisdropped",
                            watched.stream()
                                    .map(other -> Integer.toUnsignedString(other.oid()))
                                    .collect(Collectors.joining(",", "{", "}")));
            return new TableVersion(version, shape + others);
        });
    }

    /** Returns the fault for a table that no longer has its name. */
    public static Fault gone(PostgresSettings settings) {
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: table %s is gone or was renamed; restore it, or check postgres.table"
                        .formatted(settings.tableName()));
    }
}
