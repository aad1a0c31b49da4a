package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a table is partitioned. Remedies depend on it: a unique index must include the partition key, and some statements must
 * be run for each partition. Immutable.
 *
 * @param key the columns of the partition keys of all levels; empty for a table without partitions
 * @param hasExpression whether a partition key contains an expression, so that no unique constraint is possible
 * @param leaves the partitions that contain rows, schema-qualified and quoted
 */
public record Partitioning(List<String> key, boolean hasExpression, List<String> leaves) {
    /** A remedy contains at most this many statements. */
    private static final int MAX_STATEMENTS = 20;

    private static final String KEYS =
            "FROM pg_partition_tree(%s) t JOIN pg_partitioned_table p ON p.partrelid = t.relid";

    /**
     * Queries the catalog.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static Partitioning of(Database database) {
        return database.read(
                "reading the table's partitions",
                connection -> of(connection, Relation.of(database.settings().name())));
    }

    static Partitioning of(Connection connection, Relation table) throws SQLException {
        String keys = KEYS.formatted(table.oid());
        List<String> key = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT DISTINCT a.attname " + keys
                        + " JOIN pg_attribute a ON a.attrelid = t.relid AND a.attnum = ANY (p.partattrs::int2[]) ORDER BY 1",
                row -> key.add(row.getString(1)),
                table.parameter());
        List<String> leaves = new ArrayList<>();
        Queries.query(
                connection,
                ("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_partition_tree(%s) t"
                                + " JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE t.isleaf AND t.level > 0 ORDER BY 1")
                        .formatted(table.oid()),
                row -> leaves.add(row.getString(1)),
                table.parameter());
        String expressions =
                Queries.text(connection, "SELECT bool_or(p.partexprs IS NOT NULL) " + keys, table.parameter());
        return new Partitioning(key, expressions.equals("t"), leaves);
    }

    boolean isPartitioned() {
        return hasExpression || !key.isEmpty();
    }

    private String partitionedBy() {
        return hasExpression ? "an expression" : String.join(", ", key);
    }

    /** Returns how to make a column unique: SQL, or a description if SQL alone cannot. */
    public String uniqueIndex(PostgresSettings settings, String column) {
        String on = "ON %s (%s)".formatted(settings.quotedTable(), Sql.identifier(column));
        if (!isPartitioned()) {
            return "CREATE UNIQUE INDEX CONCURRENTLY %s;".formatted(on);
        }
        return !hasExpression && key.equals(List.of(column))
                ? "in a maintenance window, because it locks the table against writes: CREATE UNIQUE INDEX " + on
                : ("no unique index on %s alone is possible, because the table is partitioned by %s: make sure that the"
                                + " application never gives two rows the same %s")
                        .formatted(column, partitionedBy(), column);
    }

    /** Returns how to add a primary key: SQL with columns that the operator has to fill in, or a description. */
    String primaryKey(PostgresSettings settings) {
        if (hasExpression) {
            return "no primary key is possible, because the table is partitioned by an expression: partition it by columns";
        }
        String columns = String.join(
                "", key.stream().map(column -> ", " + Sql.identifier(column)).toList());
        return "ALTER TABLE %s ADD PRIMARY KEY (...%s)".formatted(settings.quotedTable(), columns);
    }

    /** Returns how to make the stream carry whole old rows: SQL for each partition, or a description if there are many. */
    public String fullIdentity(TableName table) {
        List<String> tables = new ArrayList<>(List.of(table.quoted()));
        tables.addAll(leaves);
        if (tables.size() > MAX_STATEMENTS) {
            return "ALTER TABLE ... REPLICA IDENTITY FULL for %s and each of its %s partitions"
                    .formatted(table.quoted(), leaves.size());
        }
        return String.join(
                " ",
                tables.stream()
                        .map("ALTER TABLE %s REPLICA IDENTITY FULL;"::formatted)
                        .toList());
    }
}
