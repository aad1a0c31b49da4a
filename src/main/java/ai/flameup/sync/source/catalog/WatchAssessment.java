package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reports which changes of a watched table are missed, and which are slow to search for. Reads only. Stateless. */
public final class WatchAssessment {
    /**
     * What is not as it should be, although a run works.
     *
     * @param problem what is missed or slow
     * @param remedy statements of SQL, or a description if SQL alone does not help
     */
    public record Remark(String problem, String remedy) {}

    private WatchAssessment() {}

    /**
     * Assesses a watched table; no remarks if it was dropped.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static List<Remark> of(Database database, WatchedTable table) {
        return database.read("reading the definition of table " + table.name(), connection -> {
            List<Remark> remarks = new ArrayList<>();
            Optional<TableName> name = WatchedFitness.name(connection, table);
            if (name.isPresent()) {
                identity(connection, table, name.get(), database.settings().name())
                        .ifPresent(remarks::add);
            }
            index(connection, table, database.settings().name()).ifPresent(remarks::add);
            return remarks;
        });
    }

    private static Optional<Remark> identity(Connection connection, WatchedTable table, TableName name, TableName ours)
            throws SQLException {
        ReplicaIdentity identity = ReplicaIdentity.read(connection, Relation.of(table));
        List<String> missed = table.match().stream()
                .map(match -> match.theirs().name())
                .filter(column -> !identity.columns().contains(column))
                .toList();
        if (missed.isEmpty()) {
            return Optional.empty();
        }
        Partitioning partitions = Partitioning.of(connection, Relation.of(table));
        String index = partitions.isPartitioned() ? "" : identityIndex(connection, table);
        String columns = String.join(", ", missed);
        return Optional.of(new Remark(
                "The replica identity of watched table %s lacks %s. DELETEs and UPDATEs that change %s do not show the affected rows of %s. Those rows are not sent"
                        .formatted(name, columns, columns, ours),
                index.isEmpty()
                        ? partitions.fullIdentity(name)
                        : "ALTER TABLE %s REPLICA IDENTITY USING INDEX %s;".formatted(name.quoted(), index)));
    }

    /** Returns an index that can be the replica identity and contains the match columns, quoted; empty if there is none. */
    private static String identityIndex(Connection connection, WatchedTable table) throws SQLException {
        return Queries.text(
                connection,
                "SELECT quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
                        + " WHERE i.indrelid = ?::oid AND i.indisunique AND i.indimmediate AND i.indisvalid"
                        + " AND i.indpred IS NULL AND i.indexprs IS NULL"
                        + " AND (SELECT array_agg(a.attname::text) @> ?::text[] AND bool_and(a.attnotnull) FROM pg_attribute a"
                        + " WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))"
                        + " ORDER BY i.indnkeyatts, 1 LIMIT 1",
                table.oidText(),
                Sql.array(table.match().stream()
                        .map(match -> match.theirs().name())
                        .toList()));
    }

    /** The search for the rows that a change concerns is quick if an index begins with the match columns, or is unique in some. */
    private static Optional<Remark> index(Connection connection, WatchedTable table, TableName ours)
            throws SQLException {
        Set<String> columns =
                table.match().stream().map(WatchedTable.Match::ours).collect(Collectors.toCollection(TreeSet::new));
        boolean isIndexed = Queries.isTrue(
                connection,
                "SELECT true FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam,"
                        + " LATERAL (SELECT (i.indkey::int2[])[0:least(i.indnkeyatts, ?::int) - 1] AS first) k"
                        + " WHERE i.indrelid = to_regclass(?) AND i.indisvalid AND i.indpred IS NULL"
                        + " AND m.amname IN ('btree', 'hash')"
                        + " AND (i.indisunique AND i.indnkeyatts <= ?::int OR i.indnkeyatts >= ?::int)"
                        + " AND NOT EXISTS (SELECT FROM unnest(k.first) c WHERE NOT EXISTS (SELECT FROM pg_attribute a"
                        + " WHERE a.attrelid = i.indrelid AND a.attnum = c AND a.attname = ANY (?::text[]))) LIMIT 1",
                String.valueOf(columns.size()),
                ours.quoted(),
                String.valueOf(columns.size()),
                String.valueOf(columns.size()),
                Sql.array(List.copyOf(columns)));
        if (isIndexed) {
            return Optional.empty();
        }
        String on = "ON %s (%s)".formatted(ours.quoted(), Sql.list(List.copyOf(columns)));
        return Optional.of(new Remark(
                "no index of table %s begins with %s, so each change of watched table %s reads the whole table"
                        .formatted(ours, String.join(", ", columns), table.name()),
                Partitioning.of(connection, Relation.of(ours)).isPartitioned()
                        ? "in a maintenance window, because it locks the table against writes: CREATE INDEX " + on
                        : "CREATE INDEX CONCURRENTLY %s;".formatted(on)));
    }
}
