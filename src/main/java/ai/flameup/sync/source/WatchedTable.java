package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Another table whose changes change persons. Immutable.
 *
 * @param name when it was inspected; the stream is compared by oid, so that a renamed table is still watched
 * @param oid unsigned
 * @param match by which columns a changed row is matched with rows of our table; at least one
 */
public record WatchedTable(TableName name, int oid, List<Match> match) {
    /**
     * Two columns that are compared for equality.
     *
     * @param theirs the column of the watched table
     * @param ours the name of the column of our table
     */
    public record Match(Column theirs, String ours) {}

    /**
     * Returns an SQL condition on a row of our table.
     *
     * @param ours the name or the alias of our table
     * @param values SQL expressions for the texts of a changed row's columns
     */
    public String condition(String ours, IntFunction<String> values) {
        return IntStream.range(0, match.size())
                .mapToObj(i -> "%s.%s = %s::%s"
                        .formatted(
                                ours,
                                Sql.identifier(match.get(i).ours()),
                                values.apply(i),
                                match.get(i).theirs().type()))
                .collect(Collectors.joining(" AND "));
    }

    /** Returns the names of watched tables, each once: a table may be watched for several matches. */
    public static List<TableName> names(List<WatchedTable> tables) {
        return tables.stream().map(WatchedTable::name).distinct().toList();
    }

    /**
     * Adds the schemas with the operators of the compared columns to the search path, until the end of the transaction. For citext,
     * {@code =} would otherwise be the operator of text.
     */
    public void useOperators(Connection connection, PostgresSettings settings) throws SQLException {
        String types = match.stream()
                .map(pair ->
                        "'%s'".formatted(Integer.toUnsignedString(pair.theirs().typeOid())))
                .collect(Collectors.joining(", "));
        String ours = match.stream().map(pair -> Sql.literal(pair.ours())).collect(Collectors.joining(", "));
        Queries.query(
                connection,
                "SELECT set_config('search_path', current_setting('search_path') || string_agg(DISTINCT ', ' || quote_ident(n.nspname), ''), true)"
                        + " FROM pg_type t JOIN pg_type b ON b.oid IN (t.oid, t.typbasetype) JOIN pg_namespace n ON n.oid = b.typnamespace"
                        + " WHERE n.nspname <> 'pg_catalog' AND (t.oid IN (" + types
                        + ") OR t.oid IN (SELECT atttypid FROM pg_attribute"
                        + " WHERE attrelid = to_regclass(?) AND attname IN (" + ours + "))) HAVING count(*) > 0",
                row -> {},
                settings.quotedTable());
    }

    /** Returns the oid as the parameter of a query. */
    public String oidText() {
        return Integer.toUnsignedString(oid);
    }

    /** Returns the name and the compared columns, as the store and messages have them. */
    public String id() {
        return name + "("
                + match.stream()
                        .map(pair -> pair.theirs().name() + " = " + pair.ours())
                        .collect(Collectors.joining(", "))
                + ")";
    }
}
