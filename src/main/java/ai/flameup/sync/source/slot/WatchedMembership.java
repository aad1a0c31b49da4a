package ai.flameup.sync.source.slot;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reports whether the publication carries the watched tables. Reads only. Immutable. */
public record WatchedMembership(PostgresSettings settings, List<WatchedTable> watched) {
    /** A publication with the attributes of a table in it. The attributes are null if it does not carry the table. */
    private static final String MEMBER = " FROM pg_publication p CROSS JOIN pg_class c"
            + " JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_publication_tables t"
            + " ON t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname"
            + " WHERE p.pubname = ? AND c.oid = ?::oid";

    /**
     * What the publication lacks.
     *
     * @param table that it concerns
     * @param what is lacking, about the publication
     * @param remedy a statement of SQL
     */
    public record Lack(WatchedTable table, String what, String remedy) {}

    /** Returns what an existing publication lacks of the tables that exist, at most one finding for each. */
    public List<Lack> lacks(Connection connection) throws SQLException {
        List<Lack> lacks = new ArrayList<>();
        Statements sql = new Statements(settings, "", "");
        String lists = Publication.hasLists(connection)
                ? "t.rowfilter IS NOT NULL, array_to_string(t.attnames, chr(1))"
                : "false, NULL";
        for (WatchedTable table : watched) {
            Queries.query(
                    connection,
                    "SELECT n.nspname, c.relname, t.tablename IS NOT NULL, c.relkind = 'p' AND NOT p.pubviaroot, "
                            + lists + MEMBER,
                    row -> {
                        TableName name = new TableName(row.getString(1), row.getString(2));
                        String columns = row.getString(6);
                        List<String> hidden = columns == null ? List.of() : without(table, columns);
                        if (row.getBoolean(4)) {
                            lacks.add(new Lack(
                                    table,
                                    "it publishes the changes of watched table %s under the names of its partitions. If a run has read from it, run `flameup-sync resync` after the fix"
                                            .formatted(name),
                                    sql.publishViaRoot()));
                        } else if (!row.getBoolean(3)) {
                            lacks.add(new Lack(
                                    table,
                                    "it does not contain watched table %s".formatted(name),
                                    sql.addToPublication(name)));
                        } else if (row.getBoolean(5)) {
                            lacks.add(new Lack(
                                    table,
                                    "it has a row filter for watched table %s, which loses changes".formatted(name),
                                    sql.addAgainToPublication(name)));
                        } else if (!hidden.isEmpty()) {
                            lacks.add(new Lack(
                                    table,
                                    "its column list for watched table %s lacks %s"
                                            .formatted(name, String.join(", ", hidden)),
                                    sql.addAgainToPublication(name)));
                        }
                    },
                    settings.publication(),
                    table.oidText());
        }
        return lacks;
    }

    /** Whether the publication publishes TRUNCATE; true if it does not exist. */
    public boolean publishesTruncates(Connection connection) throws SQLException {
        return !Queries.isTrue(
                connection, "SELECT NOT pubtruncate FROM pg_publication WHERE pubname = ?", settings.publication());
    }

    private static List<String> without(WatchedTable table, String columns) {
        Set<String> published = Set.of(columns.split("\u0001", -1));
        return table.match().stream()
                .map(match -> match.theirs().name())
                .filter(column -> !published.contains(column))
                .toList();
    }

    /** Returns the entries of all watched tables. */
    WatchedEntries entries(Connection connection) throws SQLException {
        Map<String, String> byOid = new LinkedHashMap<>();
        List<Long> transactions = new ArrayList<>();
        // One statement, so that the open transactions are those of the moment in which the entries were read.
        Queries.query(
                connection,
                "SELECT r.prrelid, r.oid, pg_snapshot_xmin(s), pg_snapshot_xmax(s) FROM pg_current_snapshot() s"
                        + " LEFT JOIN pg_publication p ON p.pubname = ? LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid",
                row -> {
                    if (row.getString(1) != null) {
                        byOid.put(row.getString(1), row.getString(2));
                    }
                    transactions.add(Long.valueOf(row.getString(3)));
                    transactions.add(Long.valueOf(row.getString(4)));
                },
                settings.publication());
        return new WatchedEntries(
                watched.stream()
                        .collect(Collectors.toMap(
                                WatchedTable::id,
                                table -> byOid.getOrDefault(table.oidText(), "0"),
                                (one, same) -> one)),
                transactions.get(0),
                transactions.get(1));
    }
}
