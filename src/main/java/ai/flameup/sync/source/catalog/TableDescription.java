package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * A table as the catalog describes it, for a proposal of the configuration. Needs no right on the table. Immutable.
 *
 * @param columns every column, in the table's order
 * @param key the names of the primary key's columns, in its order; at least one
 */
public record TableDescription(List<Facts> columns, List<String> key) {
    private static final int NEAREST = 5;

    /**
     * A column.
     *
     * @param text whether its values are sent as strings
     * @param generated whether the server computes it, so that the stream does not carry it
     * @param readable whether our role may read it
     */
    public record Facts(Column column, boolean text, boolean generated, boolean readable, Constraint constraint) {
        public String name() {
            return column.name();
        }
    }

    /** What the values of a column must be. */
    public enum Constraint {
        NONE,
        NOT_NULL,
        /** Not null, and different in each row, by a unique index of this column alone. */
        UNIQUE
    }

    /**
     * Describes the table of the database's settings.
     *
     * @throws Fault 3 if it does not exist, naming tables with similar names, or if it can never be followed
     */
    public static TableDescription read(Database database) {
        PostgresSettings settings = database.settings();
        return database.read("reading the definition of table " + name(settings), connection -> {
            Preconditions.requireVersion(connection);
            Map<String, Column> columns = Catalog.columns(connection, settings);
            if (columns.isEmpty()) {
                throw new Fault(
                        ExitCode.POSTGRES,
                        "Postgres: table %s does not exist (views are not supported)%s"
                                .formatted(name(settings), nearest(connection, settings)));
            }
            List<Column> key = Catalog.key(connection, settings, columns);
            List<String> problems = TableFitness.replicaIdentity(connection, settings, key);
            if (!problems.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, problems, null);
            }
            return new TableDescription(
                    facts(connection, settings, columns, new TypeCatalog(database)),
                    key.stream().map(Column::name).toList());
        });
    }

    private static List<Facts> facts(
            Connection connection, PostgresSettings settings, Map<String, Column> columns, TypeCatalog types)
            throws SQLException {
        List<Facts> facts = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT a.attname, a.attgenerated <> '', has_column_privilege(c.oid, a.attnum, 'SELECT'),"
                        + " CASE WHEN NOT a.attnotnull THEN 'NONE' WHEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique"
                        + " AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)"
                        + " THEN 'UNIQUE' ELSE 'NOT_NULL' END FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped"
                        + " ORDER BY a.attnum",
                row -> {
                    Column column = columns.get(row.getString(1));
                    if (column != null) {
                        facts.add(new Facts(
                                column,
                                types.of(column.typeOid()).kind() == JsonKind.STRING,
                                row.getBoolean(2),
                                row.getBoolean(3),
                                Constraint.valueOf(row.getString(4))));
                    }
                },
                settings.schema(),
                settings.table());
        return facts;
    }

    private static String nearest(Connection connection, PostgresSettings settings) throws SQLException {
        List<TableName> tables = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'"
                        + " AND n.nspname <> 'information_schema' ORDER BY 1, 2",
                row -> tables.add(new TableName(row.getString(1), row.getString(2))));
        String names = tables.stream()
                .filter(table -> isNear(table.name(), settings.table()))
                .sorted(Comparator.comparingInt((TableName table) -> distance(table.name(), settings.table()))
                        .thenComparing(table -> !table.schema().equals(settings.schema())))
                .limit(NEAREST)
                .map(TableName::toString)
                .collect(Collectors.joining(", "));
        return names.isEmpty()
                ? ", and no table has a similar name; check schema and table (names are case-sensitive)"
                : "; similar names: " + names;
    }

    private static boolean isNear(String name, String wanted) {
        String lower = wanted.toLowerCase(Locale.ROOT);
        return distance(name, wanted) <= 1 + lower.length() / 3
                || (lower.length() > 3 && name.toLowerCase(Locale.ROOT).contains(lower));
    }

    private static int distance(String name, String wanted) {
        return LevenshteinDistance.getDefaultInstance()
                .apply(name.toLowerCase(Locale.ROOT), wanted.toLowerCase(Locale.ROOT));
    }

    private static TableName name(PostgresSettings settings) {
        return new TableName(settings.schema(), settings.table());
    }
}
