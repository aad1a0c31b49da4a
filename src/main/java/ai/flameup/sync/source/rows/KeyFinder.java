package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Finds the primary keys of rows that are to be read later. Runs read-only transactions. One thread at a time. */
public final class KeyFinder {
    private static final int PAGE = 2_000;
    private static final int IDS_AT_ONCE = 10_000;
    private static final Pattern PLANNED_ROWS = Pattern.compile("rows=(\\d+)");
    /** Postgres ends the message of a data exception with the value, which may be personal data. */
    static final Pattern QUOTED_VALUE = Pattern.compile("[\\s:\uff1a]*[\"'`\\p{Pi}\\p{Pf}\\p{Ps}].*", Pattern.DOTALL);

    private static final String DATA_EXCEPTION = "22";
    private static final String CONSTRAINT_VIOLATION = "23";

    private final Database database;
    private final List<Column> key;
    private final TypeCatalog types;
    private final String columns;

    /** @param key the columns of the primary key, in its order */
    public KeyFinder(Database database, List<Column> key) {
        this.database = database;
        this.key = key;
        this.types = new TypeCatalog(database);
        this.columns = key.stream()
                .map(column -> "flameup_table." + Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }

    /**
     * Plans a condition on the server without running it.
     *
     * @return the planner's estimate of the number of rows
     * @throws Fault 2 with the server's message if the condition is not valid; 3 if the query fails otherwise
     */
    public long check(String condition) {
        try (Connection connection = readOnly();
                Statement statement = unescaped(connection)) {
            // Also without our parentheses, because a condition that closes them would mean something else.
            explain(statement, condition, select(condition, "", ""));
            return explain(statement, condition, select(condition, "(", ")"));
        } catch (SQLException e) {
            throw database.fault("checking the condition", e);
        }
    }

    private long explain(Statement statement, String condition, String select) {
        String sql = "EXPLAIN " + select;
        try (ResultSet plan = statement.executeQuery(single(sql))) {
            plan.next();
            Matcher rows = PLANNED_ROWS.matcher(plan.getString(1));
            return rows.find() ? Long.parseLong(rows.group(1)) : 0;
        } catch (SQLException e) {
            throw refused(condition, sql, e);
        }
    }

    private Fault refused(String condition, String sql, SQLException e) {
        Fault fault = database.fault("checking the condition", e);
        ServerErrorMessage message = e instanceof PSQLException error ? error.getServerErrorMessage() : null;
        if (message == null || PostgresFailures.isTransient(fault)) {
            return fault;
        }
        int position = message.getPosition() - sql.indexOf(condition);
        String where = position < 1 || message.getPosition() == 0
                ? ""
                : position > condition.length() ? ", at its end" : ", at its character %s".formatted(position);
        return new Fault(
                ExitCode.USAGE, "Postgres rejects the condition: %s%s".formatted(message.getMessage(), where), e);
    }

    /** Takes the keys that were found, a page at a time. */
    public interface Page {
        void take(List<RowKey> keys);
    }

    /**
     * Finds the rows that meet a condition, all in one snapshot, in no order. If another session waits for a lock of this
     * query, the query is cancelled within a second, and fails with a passing fault.
     *
     * @param wanted polled from another thread; false cancels the query in the same way
     * @throws Fault 3 if the query fails; {@link PostgresFailures#isTransient} tells whether to try again. The message
     *     contains no value of a row
     */
    public void where(String condition, Page page, BooleanSupplier wanted) {
        boolean yielded = false;
        try (Connection connection = readOnly();
                Statement statement = unescaped(connection)) {
            statement.execute("SET LOCAL client_connection_check_interval = '5s'");
            statement.setFetchSize(PAGE);
            YieldingQuery query = new YieldingQuery(database, connection.unwrap(PGConnection.class), wanted);
            try (query;
                    ResultSet found = statement.executeQuery(single(select(condition, "(", ")")))) {
                take(found, 1, keys -> processPage(page, keys, query), null);
            } finally {
                yielded = query.hasYielded();
            }
        } catch (SQLException e) {
            throw database.fault(
                    "finding the rows",
                    yielded
                            ? new SQLTransientException(
                                    "the query yielded to a session that waits for a lock, or the backfill has ended",
                                    PSQLState.QUERY_CANCELED.getState())
                            : withoutValues(e));
        }
    }

    private static void processPage(Page page, List<RowKey> keys, YieldingQuery query) throws SQLException {
        if (query.hasYielded()) {
            throw new SQLException("cancelled", PSQLState.QUERY_CANCELED.getState());
        }
        page.take(keys);
    }

    /** Returns the exception without the value that it may name. */
    static SQLException withoutValues(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith(DATA_EXCEPTION) || state.startsWith(CONSTRAINT_VIOLATION)
                ? new SQLException(
                        QUOTED_VALUE.matcher(String.valueOf(e.getMessage())).replaceAll(""), state)
                : e;
    }

    /**
     * Finds the rows of users by their ids, in transactions of 10,000 ids.
     *
     * @param userId the column of the ids
     * @param ids duplicates within a transaction count once
     * @param missing takes the ids without a row
     * @throws Fault 2 with the server's message if an id is not a value of the column's type; 3 if the query fails
     *     otherwise
     */
    public void byUserId(Column userId, List<String> ids, Page page, Consumer<String> missing) {
        for (int from = 0; from < ids.size(); from += IDS_AT_ONCE) {
            List<String> some = ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE)).stream()
                    .distinct()
                    .toList();
            // Short transactions, because a lock that is held for long blocks migrations.
            try (Connection connection = readOnly()) {
                byUserId(connection, userId, some, page, missing);
            } catch (SQLException e) {
                if (String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                    throw new Fault(ExitCode.USAGE, "Postgres rejects an id: " + PostgresFailures.message(e));
                }
                throw database.fault("finding the rows", e);
            }
        }
    }

    private void byUserId(Connection connection, Column userId, List<String> ids, Page page, Consumer<String> missing)
            throws SQLException {
        // Without the type's modifier: a cast to varchar(3) would truncate an id and find another person.
        String type =
                Queries.text(connection, "SELECT format_type(?::oid, -1)", Integer.toUnsignedString(userId.typeOid()));
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
            statement.setFetchSize(PAGE);
            try (ResultSet found = statement.executeQuery()) {
                take(found, 2, page::take, missing);
            }
        }
    }

    private interface PageHandler {
        void take(List<RowKey> keys) throws SQLException;
    }

    /**
     * @param from the first column of the key
     * @param missing takes the first column of rows whose key is null; null if every row has a key
     */
    private void take(ResultSet found, int from, PageHandler page, @Nullable Consumer<String> missing)
            throws SQLException {
        List<RowKey> keys = new ArrayList<>();
        while (found.next()) {
            if (missing != null && found.getString(from) == null) {
                missing.accept(found.getString(1));
                continue;
            }
            keys.add(key(found, from));
            if (keys.size() == PAGE) {
                page.take(List.copyOf(keys));
                keys.clear();
            }
        }
        if (!keys.isEmpty()) {
            page.take(keys);
        }
    }

    private String select(String condition, String open, String close) {
        // On lines of its own, because the condition may end with a comment.
        return "SELECT %s FROM %s WHERE %s\n%s\n%s"
                .formatted(
                        key.stream()
                                .map(column -> Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")),
                        database.settings().quotedTable(),
                        open,
                        condition,
                        close);
    }

    /** The driver would run several statements in turn, and a COMMIT among them would end the read-only transaction. */
    private static String single(String sql) throws SQLException {
        if (Parser.parseJdbcSql(sql, true, false, true, false, false).size() != 1) {
            throw new Fault(
                    ExitCode.USAGE, "the condition must be one expression, without semicolons outside of strings");
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

    /** With the role's default search path, because the operator has tried the condition with it. */
    private Connection readOnly() throws SQLException {
        Connection connection = database.connection();
        try (Statement statement = connection.createStatement()) {
            connection.setReadOnly(true);
            Database.limitLockWait(connection);
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
