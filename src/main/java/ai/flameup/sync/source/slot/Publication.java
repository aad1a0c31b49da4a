package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.TableFitness;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Queries and creates the publication. One that omits something would silently lose changes. Immutable.
 *
 * @param tables the watched tables, which belong in it too
 */
public record Publication(PostgresSettings settings, List<WatchedTable> tables) {
    public static Publication of(PostgresSettings settings) {
        return new Publication(settings, List.of());
    }

    public static Publication of(PostgresSettings settings, List<WatchedTable> watched) {
        return new Publication(settings, watched);
    }

    /** Returns the names of the watched tables, each once. */
    public List<TableName> watched() {
        return WatchedTable.names(tables);
    }

    /** Returns the statement that makes it carry our table and the watched ones whole, and no other. */
    public String reset() {
        return new Statements(settings, "", "").resetPublication(watched());
    }

    /** Returns which publication it is; empty if none has the name. */
    public Optional<PublicationVersion> version(Connection connection) throws SQLException {
        List<PublicationVersion> found = new ArrayList<>(1);
        Queries.query(
                connection,
                "SELECT p.oid, coalesce(r.oid, 0), p.xmin, p.pubowner, d.xmin FROM pg_publication p"
                        + " LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = to_regclass(?)"
                        + " LEFT JOIN pg_shdepend d ON d.classid = 'pg_publication'::regclass AND d.objid = p.oid"
                        + " AND d.deptype = 'o' AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
                        + " WHERE p.pubname = ?",
                row -> found.add(new PublicationVersion(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5))),
                settings.quotedTable(),
                settings.publication());
        return found.stream().findFirst();
    }

    /**
     * Checks that the publication carries the table whole.
     *
     * @param read the columns that the stream must carry
     * @throws Fault 3 naming everything that is omitted
     */
    void check(Connection connection, List<Column> read) throws SQLException {
        List<String> problems = new ArrayList<>(heldBack(connection, read));
        problems.replaceAll(problem -> "Postgres: publication %s: %s".formatted(settings.publication(), problem));
        problems.addAll(listUnderFull(connection));
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, problems, null);
        }
    }

    /** Returns why the application's updates and deletes fail because the table is published, each with its remedy. */
    List<String> harm(Connection connection) throws SQLException {
        List<String> harm = new ArrayList<>(listUnderFull(connection));
        List<Column> key = Catalog.key(connection, settings, Catalog.columns(connection, settings));
        harm.addAll(TableFitness.replicaIdentity(connection, settings, key));
        return harm;
    }

    private List<String> listUnderFull(Connection connection) throws SQLException {
        boolean full = Queries.text(
                        connection,
                        "SELECT relreplident FROM pg_class WHERE oid = to_regclass(?)",
                        settings.quotedTable())
                .equals("f");
        return full && !list(connection).isEmpty()
                ? List.of(
                        "Postgres: publication %s has a column list, so every UPDATE and DELETE of the application fails under REPLICA IDENTITY FULL; %s"
                                .formatted(settings.publication(), reset()))
                : List.of();
    }

    /** Returns what the publication omits, each with its remedy. */
    public List<String> heldBack(Connection connection, List<Column> read) throws SQLException {
        List<String> problems = new ArrayList<>();
        String name = Sql.identifier(settings.publication());
        String operations = Queries.text(
                connection,
                "SELECT pubinsert AND pubupdate AND pubdelete FROM pg_publication WHERE pubname = ?",
                settings.publication());
        if (operations.equals("f")) {
            problems.add("it does not publish every insert, update and delete; "
                    + new Statements(settings, "", "").publishAll());
        }
        boolean underPartitions = isPartitioned(connection)
                && Queries.text(
                                connection,
                                "SELECT pubviaroot FROM pg_publication WHERE pubname = ?",
                                settings.publication())
                        .equals("f");
        if (underPartitions) {
            problems.add(
                    "it publishes the changes of table %s under the names of its partitions; ALTER PUBLICATION %s SET (publish_via_partition_root = true)"
                            .formatted(settings.tableName(), name));
        }
        List<Set<String>> columns = new ArrayList<>();
        List<String> filters = new ArrayList<>();
        boolean lists = hasLists(connection);
        Queries.query(
                connection,
                // Generated columns are read by SELECT, so the publication may omit them.
                "SELECT "
                        + (lists
                                ? "array_to_string(attnames || ARRAY(SELECT attname FROM pg_attribute WHERE attrelid ="
                                        + " format('%I.%I', schemaname, tablename)::regclass AND attgenerated <> ''),"
                                        + " chr(1)), rowfilter"
                                : "NULL, NULL")
                        + " FROM pg_publication_tables WHERE pubname = ? AND schemaname = ? AND tablename = ?",
                row -> {
                    String names = row.getString(1);
                    columns.add(names == null ? Set.of() : new HashSet<>(List.of(names.split("\u0001", -1))));
                    if (row.getString(2) != null) {
                        filters.add(row.getString(2));
                    }
                },
                settings.publication(),
                settings.schema(),
                settings.table());
        if (columns.isEmpty() && !underPartitions) {
            problems.add("it does not contain table %s; ALTER PUBLICATION %s ADD TABLE %s"
                    .formatted(settings.tableName(), name, settings.quotedTable()));
        }
        if (!filters.isEmpty()) {
            problems.add("it has a row filter, which loses changes; " + reset());
        }
        columns.stream().filter(names -> !names.isEmpty()).forEach(names -> read.stream()
                .map(Column::name)
                .filter(column -> !names.contains(column))
                .distinct()
                .forEach(
                        column -> problems.add("its column list lacks column %s, which is mapped or part of the key; %s"
                                .formatted(column, reset()))));
        return problems;
    }

    /** Returns what the publication contains besides our table and the watched ones, each in a few words. */
    public List<String> others(Connection connection) throws SQLException {
        List<String> others = new ArrayList<>();
        Queries.RowHandler handler = row -> others.add(row.getString(1));
        Queries.query(
                connection,
                "SELECT 'it is for all tables' FROM pg_publication WHERE pubname = ? AND puballtables",
                handler,
                settings.publication());
        Queries.query(
                connection,
                "SELECT format('it also contains table %s', r.prrelid::regclass) FROM pg_publication_rel r"
                        + " JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = ?"
                        + " AND r.prrelid <> to_regclass(?) AND r.prrelid <> ALL (?::oid[]) ORDER BY 1",
                handler,
                settings.publication(),
                settings.quotedTable(),
                oids());
        if (hasLists(connection)) {
            Queries.query(
                    connection,
                    "SELECT format('it is for all tables in schema %s', n.pnnspid::regnamespace)"
                            + " FROM pg_publication_namespace n JOIN pg_publication p ON p.oid = n.pnpubid"
                            + " WHERE p.pubname = ? ORDER BY 1",
                    handler,
                    settings.publication());
        }
        return others;
    }

    /** Returns the oids of the watched tables as a parameter of the type {@code oid[]}. */
    public String oids() {
        return Sql.array(tables.stream().map(WatchedTable::oidText).toList());
    }

    /** Whether the server supports column lists: PostgreSQL 15 or newer. */
    public static boolean hasLists(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= 15;
    }

    /** Returns the column list for our table; empty for none. */
    public Set<String> list(Connection connection) throws SQLException {
        Set<String> names = new TreeSet<>();
        if (hasLists(connection)) {
            Queries.query(
                    connection,
                    "SELECT a.attname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
                            + " JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])"
                            + " WHERE p.pubname = ? AND r.prrelid = to_regclass(?)",
                    row -> names.add(row.getString(1)),
                    settings.publication(),
                    settings.quotedTable());
        }
        return names;
    }

    /** Returns our comment on the publication; empty if flameup-sync did not create it, or it does not exist. */
    public Optional<OwnershipComment> mark(Connection connection) throws SQLException {
        return OwnershipComment.parse(comment(connection));
    }

    /** Notes in our comment where the slot begins that was created for the publication. */
    public void noteSlot(Connection connection, Lsn begin) throws SQLException {
        Optional<OwnershipComment> mark = mark(connection);
        if (mark.isPresent()) {
            Queries.execute(
                    connection,
                    "COMMENT ON PUBLICATION %s IS %s"
                            .formatted(
                                    Sql.identifier(settings.publication()),
                                    Sql.literal(mark.get().text() + OwnershipComment.SLOT + begin)));
        }
    }

    /** Whether the slot that was created for the publication is still where it began. */
    boolean isSlotAt(Connection connection, Lsn begin) throws SQLException {
        return comment(connection).endsWith(OwnershipComment.SLOT + begin);
    }

    /** Whether the comment notes where a slot began. */
    boolean notesSlot(Connection connection) throws SQLException {
        return comment(connection).contains(OwnershipComment.SLOT);
    }

    private String comment(Connection connection) throws SQLException {
        return Queries.text(
                connection,
                "SELECT coalesce(obj_description(oid, 'pg_publication'), '') FROM pg_publication WHERE pubname = ?",
                settings.publication());
    }

    /**
     * Creates the publication with our comment. Commits nothing.
     *
     * @param limit as for {@link Statements#createPublication}
     */
    public void create(Connection connection, Statements sql, List<String> limit, OwnershipComment mark)
            throws SQLException {
        Queries.execute(connection, sql.createPublication(limit, watched()));
        Queries.execute(connection, sql.markPublication(mark));
    }

    private boolean isPartitioned(Connection connection) throws SQLException {
        return Queries.text(
                        connection, "SELECT relkind FROM pg_class WHERE oid = to_regclass(?)", settings.quotedTable())
                .equals("p");
    }
}
