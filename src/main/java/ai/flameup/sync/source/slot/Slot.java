package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.SessionSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The publication and the replication slot: looked at, made, and moved on. Thread-safe. */
public final class Slot {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);

    private static final String ALL_SLOTS_IN_USE = "53400";
    private static final int LOOK_MILLIS = 100;
    /** Debezium has a name of its own for the connection that streams. */
    private static final Set<String> OUR_NAMES = Set.of(PostgresSettings.APPLICATION_NAME, "Debezium Streaming");

    private final boolean moves;
    private final Database database;
    private final PostgresSettings settings;
    /** Which transactions the making of the slot has waited for. */
    private volatile String blockers = "";

    /** @param moves whether it moves on, which it does not for who only looks */
    public Slot(Database database, boolean moves) {
        this.moves = moves;
        this.database = database;
        this.settings = database.settings();
    }

    /**
     * The slot as the server shows it.
     *
     * @param confirmed null where it was invalidated
     * @param stranger what makes it another's, whoever that is; null where it is one for us
     * @param ours whether it is one of our own processes that streams from it
     */
    public record Seen(
            boolean usable,
            @Nullable Lsn confirmed,
            boolean active,
            String holder,
            @Nullable String stranger,
            boolean ours) {}

    /**
     * What the server shows; empty where there is no slot of the name.
     *
     * @throws Fault 3 where it is another's
     */
    public Optional<Seen> look() {
        Optional<Seen> seen = look(settings.username());
        String stranger = seen.map(Seen::stranger).orElse(null);
        if (stranger != null) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: slot %s is another's (%s); choose another name in postgres.slot"
                            .formatted(settings.slot(), stranger));
        }
        return seen;
    }

    /** Whosever it is; empty where there is no slot of the name. */
    public Optional<Seen> look(String role) {
        List<Seen> seen = new ArrayList<>();
        try (Connection connection = database.connection()) {
            Queries.query(
                    connection,
                    "SELECT s.plugin, s.database, s.restart_lsn, s.confirmed_flush_lsn, s.wal_status, s.active,"
                            + " s.active_pid, a.application_name, coalesce(host(a.client_addr), 'a local socket'), current_database(), a.usename"
                            + " FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid"
                            + " WHERE s.slot_name = ?",
                    row -> {
                        String plugin = row.getString(1);
                        boolean stranger =
                                !"pgoutput".equals(plugin) || !row.getString(10).equals(row.getString(2));
                        String confirmed = row.getString(4);
                        boolean usable =
                                row.getString(3) != null && confirmed != null && !"lost".equals(row.getString(5));
                        seen.add(new Seen(
                                usable,
                                confirmed == null ? null : Lsn.parse(confirmed),
                                row.getBoolean(6),
                                "pid %s, %s at %s".formatted(row.getString(7), row.getString(8), row.getString(9)),
                                !stranger
                                        ? null
                                        : plugin == null
                                                ? "a physical one"
                                                : "plugin %s, database %s".formatted(plugin, row.getString(2)),
                                role.equals(row.getString(11))
                                        && OUR_NAMES.contains(String.valueOf(row.getString(8)))));
                    },
                    settings.slot());
        } catch (SQLException e) {
            throw database.fault("looking at the slot", e);
        }
        return seen.stream().findFirst();
    }

    /**
     * Waits until nobody streams from the slot, as {@link #awaitIdle} does.
     *
     * @throws Fault 75 naming who holds it; 7 where the slot does not continue the position
     */
    public void awaitFree(Lsn position, CountDownLatch stop) throws InterruptedException {
        Seen seen = awaitIdle(stop).orElseThrow(this::gone);
        // Whoever streams from it moves it on as well: that is said first, and what it left behind afterwards.
        if (!seen.active()) {
            check(seen, position);
        }
    }

    /**
     * Looks whether it continues the position, whoever streams from it.
     *
     * @param position asked for once the slot has been looked at
     * @throws Fault 7 where it does not
     */
    public void watch(Supplier<Lsn> position) {
        check(look().orElseThrow(this::gone), position.get());
    }

    public Fault gone() {
        return Gap.of("slot %s is gone".formatted(settings.slot()));
    }

    /**
     * Waits until nobody streams from the slot or makes it, at most for the server's {@code wal_sender_timeout}: so long
     * may the server take to notice that a former process of ours is gone.
     *
     * @return as it is then, or was when stopped; empty where there is none
     * @throws Fault 75 naming who holds it
     */
    public Optional<Seen> awaitIdle(CountDownLatch stop) throws InterruptedException {
        long begin = System.nanoTime();
        Duration limit = senderTimeout();
        boolean told = false;
        while (true) {
            Optional<Seen> seen = look();
            if (seen.isEmpty() || !seen.get().active()) {
                return seen;
            }
            String holder = seen.get().holder();
            Duration least = Duration.ofMillis(SessionSettings.LEAST_SENDER_TIMEOUT_MILLIS);
            Duration most = seen.get().ours() && limit.compareTo(least) < 0 ? least : limit;
            if (System.nanoTime() - begin > most.toNanos()) {
                throw inUse(holder);
            }
            if (!told) {
                LOG.info("Slot {} is still in use ({}); waiting", settings.slot(), holder);
                told = true;
            }
            if (stop.await(200, TimeUnit.MILLISECONDS)) {
                return seen;
            }
        }
    }

    /** Somebody streams from it. */
    public Fault inUse(String holder) {
        return new Fault(
                ExitCode.TRY_LATER,
                "Postgres: slot %s is in use by another process: %s".formatted(settings.slot(), holder));
    }

    /**
     * Says whether a slot that nobody streams from continues a position.
     *
     * @throws Fault 7 where it does not
     */
    public void check(Seen seen, Lsn position) {
        Lsn confirmed = seen.confirmed();
        if (!seen.usable() || confirmed == null) {
            throw invalidated();
        }
        if (confirmed.isAfter(position)) {
            throw Gap.of(
                    "slot %s is at %s, ahead of the stored position %s: an older store was put back, or the slot is a new one"
                            .formatted(settings.slot(), confirmed, position));
        }
    }

    public Fault invalidated() {
        return Gap.of("slot %s was invalidated by the server".formatted(settings.slot()));
    }

    private Duration senderTimeout() {
        try (Connection connection = database.connection()) {
            long millis = Long.parseLong(
                    Queries.text(connection, "SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout'"));
            return millis == 0 ? Duration.ofSeconds(60) : Duration.ofMillis(millis + 2000);
        } catch (SQLException e) {
            throw database.fault("reading wal_sender_timeout", e);
        }
    }

    /**
     * Says whether the publication carries what we need.
     *
     * @return which publication it is, for {@link #watchPublication}
     * @throws Fault 3 where it is missing, or holds back rows, columns or operations of the table
     */
    public PublicationVersion checkPublication(List<Column> read) {
        try (Connection connection = database.connection()) {
            Publication publication = Publication.of(settings);
            PublicationVersion version = present(publication.version(connection));
            publication.check(connection, read);
            return version;
        } catch (SQLException e) {
            throw database.fault("looking at the publication", e);
        }
    }

    /**
     * Says whether the publication is still the one that the stream has come through, and harms nobody. PostgreSQL 18
     * passes over what is changed while there is none, without a word.
     *
     * @param known what {@link #checkPublication} returned once, as text
     * @return what it is now
     * @throws Fault 3 where it is missing, or what is done to the table has made the application's updates fail; 7 where it
     *     is another
     */
    public PublicationVersion watchPublication(String known) {
        try (Connection connection = database.connection()) {
            Publication publication = Publication.of(settings);
            PublicationVersion version = present(publication.version(connection));
            if (!version.continues(known)) {
                throw publicationWasMissing();
            }
            List<String> harm = publication.harm(connection);
            if (!harm.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, harm, null);
            }
            return version;
        } catch (SQLException e) {
            throw database.fault("looking at the publication", e);
        }
    }

    private PublicationVersion present(Optional<PublicationVersion> version) {
        return version.orElseThrow(() -> new Fault(
                ExitCode.POSTGRES,
                ("Postgres: publication %s is gone, and what was changed without it cannot be read, so that a resync follows;"
                                + " CREATE PUBLICATION %s FOR TABLE %s WITH (publish_via_partition_root = true)")
                        .formatted(
                                settings.publication(),
                                Sql.identifier(settings.publication()),
                                settings.quotedTable())));
    }

    /** The publication was not there when something was changed, and the stream cannot get past that. */
    public Fault publicationWasMissing() {
        return Gap.of("publication %s was altered, or was not there, or without table %s, for a while"
                .formatted(settings.publication(), settings.tableName()));
    }

    /**
     * Makes the publication where it is missing.
     *
     * @throws Fault 3 where the role may not
     */
    public void ensurePublication() {
        try (Connection connection = database.connection()) {
            if (Publication.of(settings).version(connection).isEmpty()) {
                Database.limitLockWait(connection);
                Publication.create(
                        connection,
                        new Statements(settings, settings.username(), ""),
                        List.of(),
                        OwnershipComment.of(settings.username()));
                connection.commit();
                LOG.info("Made publication {} for {}", settings.publication(), settings.tableName());
            }
        } catch (SQLException e) {
            throw setup("making publication " + settings.publication(), e);
        }
    }

    /**
     * Makes the slot; waits for the transactions that run, and says so.
     *
     * @param giveUp asked again and again whether to wait no longer
     * @return where the stream begins; empty where it was given up
     * @throws Fault 3 where it cannot be made
     */
    public Optional<Lsn> create(BooleanSupplier giveUp) throws InterruptedException {
        ExecutorService waiter = Executors.newSingleThreadExecutor(task -> new Thread(task, "slot"));
        AtomicReference<@Nullable Statement> running = new AtomicReference<>();
        Future<Lsn> made = waiter.submit(() -> create(running));
        waiter.shutdown();
        boolean givenUp = false;
        while (true) {
            try {
                return Optional.of(made.get(LOOK_MILLIS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                givenUp |= giveUp.getAsBoolean();
                Statement statement = running.get();
                if (givenUp && statement != null) {
                    cancel(statement);
                }
            } catch (ExecutionException e) {
                if (givenUp) {
                    LOG.info("Slot {} was not made: running transactions kept it", settings.slot());
                    return Optional.empty();
                }
                throw e.getCause() instanceof Fault fault ? fault : new IllegalStateException(e.getCause());
            }
        }
    }

    /** What is to be told of a slot that could not be made in time. */
    public Fault notMade() {
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: slot %s could not be made in time, because it waits for every transaction that was running (%s); end those, and start again"
                        .formatted(settings.slot(), blockers.isEmpty() ? "see pg_stat_activity" : blockers));
    }

    private void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            throw database.fault("giving up making slot " + settings.slot(), e);
        }
    }

    private Lsn create(AtomicReference<@Nullable Statement> running) {
        try (Connection connection = database.connection()) {
            String oldest = Queries.text(
                    connection,
                    // The locks show them to every role, the activity only to who may see it.
                    "SELECT string_agg('pid ' || l.pid || coalesce(' since ' || a.xact_start, ''), ', ')"
                            + " FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)"
                            + " WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted"
                            + " AND l.pid <> pg_backend_pid()");
            String prepared =
                    Queries.text(connection, "SELECT string_agg('prepared ' || gid, ', ') FROM pg_prepared_xacts");
            connection.rollback();
            blockers = Stream.of(oldest, prepared)
                    .filter(holders -> !holders.isEmpty() && !holders.equals("null"))
                    .collect(Collectors.joining(", "));
            if (!blockers.isEmpty()) {
                LOG.info("Making slot {} has to wait for running transactions: {}", settings.slot(), blockers);
            }
            Lsn begin;
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT lsn FROM pg_create_logical_replication_slot(?, 'pgoutput')")) {
                statement.setString(1, settings.slot());
                running.set(statement);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    begin = Lsn.parse(row.getString(1));
                } finally {
                    running.set(null);
                }
            }
            connection.commit();
            LOG.info("Made slot {}; the stream begins at {}", settings.slot(), begin);
            return begin;
        } catch (SQLException e) {
            throw setup("making slot " + settings.slot(), e);
        }
    }

    private Fault setup(String doing, SQLException e) {
        Fault fault = database.fault(doing, e);
        if (ALL_SLOTS_IN_USE.equals(e.getSQLState()) || PostgresFailures.isPassing(fault)) {
            return fault;
        }
        return new Fault(
                fault.exitCode(),
                fault.getMessage() + "; an administrator's `flameup-sync setup`, or sql/setup.sql, makes it",
                e);
    }

    /** Whether it is told what the store has committed. */
    public boolean moves() {
        return moves;
    }

    /**
     * Drops it where it is there, whosever it is; nothing is left to go on from.
     *
     * @throws Fault 75 where somebody streams from it
     */
    public void drop() {
        try (Connection connection = database.connection()) {
            Queries.text(connection, new Statements(settings, "", "").dropSlot());
            connection.commit();
        } catch (SQLException e) {
            if (PSQLState.OBJECT_IN_USE.getState().equals(e.getSQLState())) {
                throw inUse(String.valueOf(
                        look(settings.username()).map(Seen::holder).orElse(PostgresFailures.message(e))));
            }
            throw database.fault("dropping slot " + settings.slot(), e);
        }
    }

    /**
     * Whether it is as setup has made it: nobody has read from it yet.
     *
     * @param confirmed what {@link Seen#confirmed} says
     */
    public boolean isUntouched(Lsn confirmed) {
        try (Connection connection = database.connection()) {
            return Publication.of(settings).isSlotAt(connection, confirmed);
        } catch (SQLException e) {
            throw database.fault("looking at the publication", e);
        }
    }

    /**
     * Whether something in the slot may have been changed before the publication was made, as far as can be told without
     * a peek. Only for a slot that nothing was read from.
     */
    public boolean mayBeOlderThanPublication() {
        try (Connection connection = database.connection()) {
            return !isYoungerThanPublication(connection)
                    && !Publication.of(settings).notesSlot(connection);
        } catch (SQLException e) {
            throw database.fault("looking at the slot", e);
        }
    }

    /**
     * Whether the slot is known to begin behind the publication's last change, so that everything in it was written while
     * the publication was there. False also if an open transaction hides that.
     */
    boolean isYoungerThanPublication(Connection connection) throws SQLException {
        return Queries.text(
                        connection,
                        "SELECT coalesce(bool_and(age(p.xmin) > age(s.catalog_xmin)), false)"
                                + " FROM pg_publication p, pg_replication_slots s WHERE p.pubname = ? AND s.slot_name = ?",
                        settings.publication(),
                        settings.slot())
                .equals("t");
    }

    /**
     * Whether changes were read from it. One that a script has made has no note of where it began, so the server's
     * statistics decide, which a crash of the server resets. They count a peek as well, so an empty store's slot is peeked
     * into by the run alone, and only after this.
     *
     * @param confirmed what {@link Seen#confirmed} says
     */
    public boolean wasRead(Lsn confirmed) {
        try (Connection connection = database.connection()) {
            Publication publication = Publication.of(settings);
            return !publication.isSlotAt(connection, confirmed)
                    && (publication.notesSlot(connection)
                            || !Queries.text(
                                            connection,
                                            "SELECT coalesce(sum(total_txns), 0) FROM pg_stat_replication_slots WHERE slot_name = ?",
                                            settings.slot())
                                    .equals("0"));
        } catch (SQLException e) {
            throw database.fault("looking at the slot's statistics", e);
        }
    }

    /**
     * Tells the slot a position that the store has committed, while nobody streams from it.
     */
    public void advance(Lsn position) {
        if (!moves) {
            return;
        }
        Optional<Lsn> confirmed = look().map(Seen::confirmed);
        if (confirmed.isEmpty() || !position.isAfter(confirmed.get())) {
            return;
        }
        try (Connection connection = database.connection()) {
            Queries.text(
                    connection,
                    "SELECT pg_replication_slot_advance(?, ?::pg_lsn)",
                    settings.slot(),
                    position.toString());
            connection.commit();
        } catch (SQLException e) {
            throw database.fault("moving the slot on", e);
        }
    }
}
