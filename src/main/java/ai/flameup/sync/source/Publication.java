package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The publication that names our table: one that holds something back would lose changes without a word. */
record Publication(PostgresSettings settings) {
    static Publication of(PostgresSettings settings) {
        return new Publication(settings);
    }

    /**
     * Tells this publication as it is, and the table's place in it, from any other that bears or will bear the name, and
     * from itself once it is altered; empty where there is none.
     */
    String instance(Connection connection) throws SQLException {
        return Catalog.text(
                connection,
                "SELECT concat_ws('/', p.oid, p.xmin, r.oid) FROM pg_publication p"
                        + " LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = to_regclass(?)"
                        + " WHERE p.pubname = ?",
                settings.quotedTable(),
                settings.publication());
    }

    /**
     * @param read the columns that the stream has to bring
     * @throws Fault 3 naming everything that is held back
     */
    void check(Connection connection, List<Column> read) throws SQLException {
        List<String> problems = new ArrayList<>();
        String name = Sql.identifier(settings.publication());
        String operations = Catalog.text(
                connection,
                "SELECT pubinsert AND pubupdate AND pubdelete FROM pg_publication WHERE pubname = ?",
                settings.publication());
        if (operations.equals("f")) {
            problems.add(
                    "it does not publish every insert, update and delete; ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')"
                            .formatted(name));
        }
        boolean underPartitions = isPartitioned(connection)
                && Catalog.text(
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
        boolean lists = connection.getMetaData().getDatabaseMajorVersion() >= 15;
        Catalog.query(
                connection,
                // Generated columns are read, so it does not matter that they are not published.
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
            problems.add("it does not hold table %s; ALTER PUBLICATION %s ADD TABLE %s"
                    .formatted(settings.tableName(), name, settings.quotedTable()));
        }
        if (!filters.isEmpty()) {
            problems.add("it has a row filter, which loses changes; ALTER PUBLICATION %s SET TABLE %s"
                    .formatted(name, settings.quotedTable()));
        }
        columns.stream().filter(names -> !names.isEmpty()).forEach(names -> read.stream()
                .map(Column::name)
                .filter(column -> !names.contains(column))
                .distinct()
                .forEach(column -> problems.add(
                        "its column list lacks column %s, which is mapped or of the key; ALTER PUBLICATION %s SET TABLE %s"
                                .formatted(column, name, settings.quotedTable()))));
        problems.replaceAll(problem -> "Postgres: publication %s: %s".formatted(settings.publication(), problem));
        Catalog.query(
                connection,
                "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?"
                        + " AND schemaname || '.' || tablename = ? AND schemaname <> ?",
                row -> problems.add(alike(settings, row.getString(1), row.getString(2))),
                settings.publication(),
                settings.tableName(),
                settings.schema());
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, problems, null);
        }
    }

    /** What is wrong with a publication that holds this other table as well. */
    static String alike(PostgresSettings settings, String schema, String table) {
        return "Postgres: publication %s: it holds table %s.%s, which the stream cannot tell from %s; name a publication of that one alone in postgres.publication"
                .formatted(
                        settings.publication(), Sql.identifier(schema), Sql.identifier(table), settings.quotedTable());
    }

    private boolean isPartitioned(Connection connection) throws SQLException {
        return Catalog.text(
                        connection, "SELECT relkind FROM pg_class WHERE oid = to_regclass(?)", settings.quotedTable())
                .equals("p");
    }
}
