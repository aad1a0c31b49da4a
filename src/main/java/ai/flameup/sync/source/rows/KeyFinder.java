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
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the primary keys of rows, for whoever has them read later. Everything it runs is read-only. For one thread at a
 * time.
 */
public final class KeyFinder {
    private static final Logger LOG = LoggerFactory.getLogger(KeyFinder.class);
    private static final int PAGE = 2_000;
    private static final int LOOK_MILLIS = 500;
    private static final int IDS_AT_ONCE = 10_000;
    private static final Pattern PLANNED_ROWS = Pattern.compile("rows=(\\d+)");
    /** Postgres ends the messages of such errors with the value, which may be anybody's data. */
    private static final Pattern QUOTED_VALUE =
            Pattern.compile("[\\s:\uff1a]*[\"'`\\p{Pi}\\p{Pf}\\p{Ps}].*", Pattern.DOTALL);

    private static final String DATA_EXCEPTION = "22";

    private final Database database;
    private final List<Column> key;
    private final TypeCatalog types;
    private final String columns;

    /**
     * @param key the columns of the primary key, in its order
     */
    public KeyFinder(Database database, List<Column> key) {
        this.database = database;
        this.key = key;
        this.types = new TypeCatalog(database);
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
            // Also without our parentheses, or one that closes them would be another condition than it looks.
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
        ServerErrorMessage said = e instanceof PSQLException told ? told.getServerErrorMessage() : null;
        if (said == null || PostgresFailures.isPassing(fault)) {
            return fault;
        }
        int position = said.getPosition() - sql.indexOf(condition);
        String where = position < 1 || said.getPosition() == 0
                ? ""
                : position > condition.length() ? ", at its end" : ", at its character %s".formatted(position);
        return new Fault(
                ExitCode.USAGE, "the condition is refused by Postgres: %s%s".formatted(said.getMessage(), where), e);
    }

    /** Takes what is found. */
    public interface Page {
        void take(List<RowKey> keys);
    }

    /**
     * Finds the rows that a condition holds for, in no order, all of one moment. However long the server takes, it gives
     * way within a second to whoever waits for a lock of ours: then it has failed for the moment.
     *
     * @param wanted asked again and again, from another thread, whether there is still a use for them; where there is
     *     none, it ends as if it had failed for the moment
     * @throws Fault 3 if they cannot be found; {@link Database#isPassing} tells whether to try again. Its message holds
     *     no value of a row
     */
    public void where(String condition, Page page, BooleanSupplier wanted) {
        AtomicBoolean away = new AtomicBoolean();
        try (Connection connection = readOnly();
                Statement statement = unescaped(connection)) {
            statement.execute("SET LOCAL client_connection_check_interval = '5s'");
            statement.setFetchSize(PAGE);
            PGConnection session = connection.unwrap(PGConnection.class);
            ScheduledExecutorService watch =
                    Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "watch-condition"));
            // It ends with the executor, and there is nothing to wait for.
            Future<?> unused = watch.scheduleWithFixedDelay(
                    () -> giveWay(session, wanted, away), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            try (ResultSet found = statement.executeQuery(single(select(condition, "(", ")")))) {
                take(found, 1, keys -> goOn(page, keys, away), null);
            } finally {
                // Before the connection is another's: what is cancelled late would be its statement.
                end(watch);
            }
        } catch (SQLException e) {
            throw database.fault(
                    "looking for the rows",
                    away.get()
                            ? new SQLTransientException(
                                    "it gave way to a session that waits for a lock, or the backfill has ended",
                                    PSQLState.QUERY_CANCELED.getState())
                            : withoutValues(e));
        }
    }

    /** What is cancelled between two fetches is not cancelled. */
    private static void goOn(Page page, List<RowKey> keys, AtomicBoolean away) throws SQLException {
        if (away.get()) {
            throw new SQLException("cancelled", PSQLState.QUERY_CANCELED.getState());
        }
        page.take(keys);
    }

    private void giveWay(PGConnection session, BooleanSupplier wanted, AtomicBoolean away) {
        boolean goesOn = false;
        try {
            goesOn = wanted.getAsBoolean() && !isInTheWay(session.getBackendPID());
        } catch (SQLException e) {
            LOG.debug("Whether a condition is in somebody's way is not known", e);
            goesOn = true;
        } finally {
            // Also where the store cannot be asked: then nobody would watch any more.
            if (!goesOn) {
                away.set(true);
                cancel(session);
            }
        }
    }

    private static void cancel(PGConnection session) {
        try {
            session.cancelQuery();
        } catch (SQLException e) {
            LOG.debug("A condition could not be cancelled; the next look tries again", e);
        }
    }

    private static void end(ScheduledExecutorService watch) {
        watch.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = watch.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether somebody waits for a lock that the session holds, or waits behind such a one. */
    private boolean isInTheWay(int pid) throws SQLException {
        try (Connection connection = database.connection()) {
            boolean waited = Queries.text(
                            connection,
                            "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted AND ?::int = ANY (pg_blocking_pids(l.pid)))",
                            Integer.toString(pid))
                    .equals("t");
            connection.rollback();
            return waited;
        }
    }

    private static SQLException withoutValues(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith(DATA_EXCEPTION)
                ? new SQLException(
                        QUOTED_VALUE.matcher(String.valueOf(e.getMessage())).replaceAll(""), state)
                : e;
    }

    /**
     * Finds the rows of users by their ids.
     *
     * @param userId the column that the ids are of
     * @param ids at most 10,000 are looked for at once, and each of those once
     * @param missing takes the ids without a row
     * @throws Fault 2 with the server's own words where an id is none of the column's type; 3 where the server cannot be
     *     asked
     */
    public void byUserId(Column userId, List<String> ids, Page page, Consumer<String> missing) {
        for (int from = 0; from < ids.size(); from += IDS_AT_ONCE) {
            List<String> some = ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE)).stream()
                    .distinct()
                    .toList();
            // A transaction for each: what holds a lock for long is in a migration's way.
            try (Connection connection = readOnly()) {
                byUserId(connection, userId, some, page, missing);
            } catch (SQLException e) {
                if (String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                    throw new Fault(ExitCode.USAGE, "an id is refused by Postgres: " + PostgresFailures.message(e));
                }
                throw database.fault("looking for the rows", e);
            }
        }
    }

    private void byUserId(Connection connection, Column userId, List<String> ids, Page page, Consumer<String> missing)
            throws SQLException {
        // Not as it was declared: a cast to varchar(3) would cut an id, and find somebody else.
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

    private interface Taking {
        void take(List<RowKey> keys) throws SQLException;
    }

    /** @param missing takes the first column where the key, which begins at the other, is missing */
    private void take(ResultSet found, int from, Taking page, @Nullable Consumer<String> missing) throws SQLException {
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
        // Lines of its own: it may end with a comment.
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
