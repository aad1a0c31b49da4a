package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the slot, which waits for every transaction that is open on the server. Thread-safe. */
public final class SlotCreation {
    private static final Logger LOG = LoggerFactory.getLogger(SlotCreation.class);
    private static final int POLL_MILLIS = 100;

    private final Database database;
    private final String name;
    /** The transactions that were open before the last attempt; empty for none. */
    private volatile String blockers = "";

    SlotCreation(Database database) {
        this.database = database;
        this.name = database.settings().slot();
    }

    /**
     * Creates the slot, and logs the transactions that it waits for.
     *
     * @param giveUp polled while waiting; true cancels the attempt
     * @return where the stream begins; empty if the attempt was cancelled
     * @throws Fault 3 if the slot cannot be created
     */
    public Optional<Lsn> create(BooleanSupplier giveUp) throws InterruptedException {
        ExecutorService waiter = Executors.newSingleThreadExecutor(task -> new Thread(task, "slot"));
        AtomicReference<@Nullable Statement> running = new AtomicReference<>();
        Future<Lsn> created = waiter.submit(() -> create(running));
        waiter.shutdown();
        boolean givenUp = false;
        while (true) {
            try {
                return Optional.of(created.get(POLL_MILLIS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                givenUp |= giveUp.getAsBoolean();
                Statement statement = running.get();
                if (givenUp && statement != null) {
                    cancel(statement);
                }
            } catch (ExecutionException e) {
                if (givenUp) {
                    LOG.info("Slot {} was not created: it waits for open transactions", name);
                    return Optional.empty();
                }
                throw e.getCause() instanceof Fault fault ? fault : new IllegalStateException(e.getCause());
            }
        }
    }

    private Lsn create(AtomicReference<@Nullable Statement> running) {
        try (Connection connection = database.connection()) {
            blockers = openTransactions(connection);
            connection.rollback();
            if (!blockers.isEmpty()) {
                LOG.info("Creating slot {} waits for open transactions: {}", name, blockers);
            }
            Lsn begin;
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT lsn FROM pg_create_logical_replication_slot(?, 'pgoutput')")) {
                statement.setString(1, name);
                running.set(statement);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    begin = Lsn.parse(row.getString(1));
                } finally {
                    running.set(null);
                }
            }
            connection.commit();
            LOG.info("Slot created: name={}, start_lsn={}", name, begin);
            return begin;
        } catch (SQLException e) {
            throw CreationFailure.of(database, "creating slot " + name, e);
        }
    }

    private static String openTransactions(Connection connection) throws SQLException {
        String running = Queries.text(
                connection,
                // Every role sees the locks of all sessions, but pg_stat_activity hides sessions of other roles.
                "SELECT string_agg('pid ' || l.pid || coalesce(' since ' || a.xact_start, ''), ', ')"
                        + " FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)"
                        + " WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted"
                        + " AND l.pid <> pg_backend_pid()");
        String prepared =
                Queries.text(connection, "SELECT string_agg('prepared ' || gid, ', ') FROM pg_prepared_xacts");
        return Stream.of(running, prepared)
                .filter(transactions -> !transactions.isEmpty() && !transactions.equals("null"))
                .collect(Collectors.joining(", "));
    }

    private void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            throw database.fault("cancelling the creation of slot " + name, e);
        }
    }

    /** Returns the fault for an attempt that was cancelled because it took too long. */
    public Fault timedOut() {
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: slot %s was not created in time, because Postgres waits for every open transaction (%s); end those transactions and start again"
                        .formatted(name, blockers.isEmpty() ? "see pg_stat_activity" : blockers));
    }
}
