package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what keeps the stream from following a watched table, each problem with its remedy. Stateless. */
public final class WatchedFitness {
    private WatchedFitness() {}

    /**
     * Returns the problems of the tables: one that does not exist, is unlogged, has no usable replica identity, so that the
     * application's updates would fail, has columns that the stream cannot tell apart, or is matched by a column that the
     * stream does not carry or names differently.
     */
    public static List<String> problems(Connection connection, List<WatchedTable> tables) throws SQLException {
        List<String> problems = new ArrayList<>();
        for (WatchedTable table : tables) {
            Optional<TableName> name = name(connection, table);
            if (name.isEmpty()) {
                problems.add(
                        "Postgres: watched table %s was dropped; create it again and add it to the publication, or remove it from mapping.watch"
                                .formatted(table.name()));
            } else {
                problems.addAll(TableFitness.unlogged(connection, Relation.of(table)));
                problems.addAll(TableFitness.replicaIdentity(connection, Relation.of(table)));
                problems.addAll(TableFitness.alike(
                        name.get(), Catalog.columns(connection, name.get()).keySet()));
                problems.addAll(quoted(table, name.get()));
                problems.addAll(generated(connection, table, name.get()));
            }
        }
        return problems.stream().distinct().toList();
    }

    /** Returns the present name; empty if the table was dropped. */
    static Optional<TableName> name(Connection connection, WatchedTable table) throws SQLException {
        List<TableName> names = new ArrayList<>(1);
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.oid = ?::oid",
                row -> names.add(new TableName(row.getString(1), row.getString(2))),
                table.oidText());
        return names.stream().findFirst();
    }

    private static List<String> quoted(WatchedTable table, TableName name) {
        return table.match().stream()
                .map(match -> match.theirs().name())
                .filter(TableFitness::isInQuotes)
                .map(column ->
                        "Postgres: the stream drops the quotes in the name of column %s of watched table %s; ALTER TABLE %s RENAME COLUMN %s TO ..., and change mapping.watch"
                                .formatted(column, name, name.quoted(), Sql.identifier(column)))
                .toList();
    }

    private static List<String> generated(Connection connection, WatchedTable table, TableName name)
            throws SQLException {
        List<String> generated = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = ?::oid AND attgenerated <> ''",
                row -> generated.add(row.getString(1)),
                table.oidText());
        return table.match().stream()
                .map(match -> match.theirs().name())
                .filter(generated::contains)
                .map(column ->
                        "Postgres: the stream does not carry column %s of watched table %s, because it is generated; match by the columns that it is computed from"
                                .formatted(column, name))
                .toList();
    }
}
