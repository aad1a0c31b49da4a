package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Finds the primary keys of rows, for whoever has them read later. Everything it runs is read-only. For one thread at a
 * time.
 */
public final class KeyFinder {
    private static final int PAGE = 2_000;
    private static final int IDS_AT_ONCE = 10_000;
    private static final Pattern PLANNED_ROWS = Pattern.compile("rows=(\\d+)");
    /** Postgres ends the messages of such errors with the value, which may be anybody's data. */
    private static final Pattern QUOTED_VALUE = Pattern.compile(": \".*", Pattern.DOTALL);

    private static final String DATA_EXCEPTION = "22";

    private final Database database;
    private final List<Column> key;
    private final Types types;
    private final String columns;

    /**
     * @param key the columns of the primary key, in its order
     */
    public KeyFinder(Database database, List<Column> key) {
        this.database = database;
        this.key = key;
        this.types = new Types(database);
        this.columns = key.stream()
                .map(column -> "flameup_table." + Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }

    /**
     * Has the server look at a condition, without running it.
     *
     * @return about how many rows it holds for, as the server plans
     * @throws Fault 2 with the server's own words where it is none; 3 where the server cannot be asked
     */
    public long check(String condition) {
        try (Connection connection = readOnly();
                Statement statement = unescaped(connection)) {
            String sql = "EXPLAIN " + select(condition);
            try (ResultSet plan = statement.executeQuery(single(sql))) {
                plan.next();
                Matcher rows = PLANNED_ROWS.matcher(plan.getString(1));
                return rows.find() ? Long.parseLong(rows.group(1)) : 0;
            } catch (SQLException e) {
                throw refused(condition, sql, e);
            }
        } catch (SQLException e) {
            throw database.fault("checking the condition", e);
        }
    }

    private Fault refused(String condition, String sql, SQLException e) {
        Fault fault = database.fault("checking the condition", e);
        ServerErrorMessage said = e instanceof PSQLException told ? told.getServerErrorMessage() : null;
        if (said == null || Database.isPassing(fault)) {
            return fault;
        }
        int position = said.getPosition() - sql.indexOf(condition);
        String where =
                position >= 1 && position <= condition.length() ? ", at its character %d".formatted(position) : "";
        return new Fault(
                ExitCode.USAGE, "the condition is refused by Postgres: %s%s".formatted(said.getMessage(), where));
    }

    /** What is found. */
    public interface Page {
        /** Takes more keys; whether there is a use for yet more. */
        boolean take(List<RowKey> keys);
    }

    /**
     * Finds the rows that a condition holds for, in no order, all of one moment.
     *
     * @throws Fault 3 if they cannot be found; {@link Database#isPassing} tells whether to try again. Its message holds
     *     no value of a row
     */
    public void where(String condition, Page page, CountDownLatch stop) {
        try (Connection connection = readOnly();
                Statement statement = unescaped(connection)) {
            statement.setFetchSize(PAGE);
            try (ResultSet found = statement.executeQuery(single(select(condition)))) {
                List<RowKey> keys = new ArrayList<>();
                boolean more = true;
                while (more && stop.getCount() > 0 && found.next()) {
                    keys.add(key(found, 1));
                    if (keys.size() == PAGE) {
                        more = page.take(List.copyOf(keys));
                        keys.clear();
                    }
                }
                if (!keys.isEmpty()) {
                    page.take(keys);
                }
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            throw database.fault(
                    "looking for the rows",
                    state.startsWith(DATA_EXCEPTION)
                            ? new SQLException(
                                    QUOTED_VALUE
                                            .matcher(String.valueOf(e.getMessage()))
                                            .replaceAll(""),
                                    state)
                            : e);
        }
    }

    /**
     * @param keys of the rows, each once
     * @param missing the ids without a row
     */
    public record Found(List<RowKey> keys, List<String> missing) {}

    /**
     * Finds the rows of users by their ids.
     *
     * @param userId the column that the ids are of
     * @throws Fault 2 with the server's own words where an id is none of the column's type; 3 where the server cannot be
     *     asked
     */
    public Found byUserId(Column userId, List<String> ids) {
        Set<RowKey> keys = new LinkedHashSet<>();
        List<String> missing = new ArrayList<>();
        try (Connection connection = readOnly()) {
            for (int from = 0; from < ids.size(); from += IDS_AT_ONCE) {
                byUserId(
                        connection, userId, ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE)), keys, missing);
            }
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                throw new Fault(ExitCode.USAGE, "an id is refused by Postgres: " + Database.words(e));
            }
            throw database.fault("looking for the rows", e);
        }
        return new Found(List.copyOf(keys), missing);
    }

    private void byUserId(
            Connection connection, Column userId, List<String> ids, Set<RowKey> keys, List<String> missing)
            throws SQLException {
        // Not as it was declared: a cast to varchar(3) would cut an id, and find somebody else.
        String type =
                Catalog.text(connection, "SELECT format_type(?::oid, -1)", Integer.toUnsignedString(userId.typeOid()));
        String sql = ("SELECT flameup_ids.id, %s FROM unnest(?::text[]) AS flameup_ids (id)"
                        + " LEFT JOIN %s flameup_table ON flameup_table.%s = %s::%s")
                .formatted(
                        columns,
                        database.settings().quotedTable(),
                        Sql.identifier(userId.name()),
                        types.decoded(userId, "flameup_ids.id"),
                        type);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    if (found.getString(2) == null) {
                        missing.add(found.getString(1));
                    } else {
                        keys.add(key(found, 2));
                    }
                }
            }
        }
    }

    private String select(String condition) {
        // Lines of its own: it may end with a comment.
        return "SELECT %s FROM %s WHERE (\n%s\n)"
                .formatted(
                        key.stream()
                                .map(column -> Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")),
                        database.settings().quotedTable(),
                        condition);
    }

    /** The driver would run several, one after the other, and a COMMIT among them would end what keeps us from writing. */
    private static String single(String sql) throws SQLException {
        if (Parser.parseJdbcSql(sql, true, false, true, false, false).size() != 1) {
            throw new Fault(ExitCode.USAGE, "a condition is one expression, without semicolons outside of strings");
        }
        return sql;
    }

    private RowKey key(ResultSet row, int from) throws SQLException {
        List<String> values = new ArrayList<>(key.size());
        for (int i = 0; i < key.size(); i++) {
            values.add(types.of(key.get(i).typeOid()).ofText(row.getString(from + i)));
        }
        return RowKey.of(values);
    }

    /** With the search path that the role has elsewhere: whoever writes a condition has tried it there. */
    private Connection readOnly() throws SQLException {
        Connection connection = database.connection();
        try (Statement statement = connection.createStatement()) {
            connection.setReadOnly(true);
            statement.execute("SET LOCAL search_path TO DEFAULT");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Statement unescaped(Connection connection) throws SQLException {
        Statement statement = connection.createStatement();
        statement.setEscapeProcessing(false);
        return statement;
    }
}
