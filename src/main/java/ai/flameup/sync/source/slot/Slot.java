package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.SessionSettings;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replication slot: inspect it, await it, advance it, drop it. Thread-safe. */
public final class Slot {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);
    private static final int POLL_MILLIS = 200;
    private static final long RELEASE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Debezium uses an application name of its own for the session that streams. */
    private static final Set<String> OUR_NAMES = Set.of(PostgresSettings.APPLICATION_NAME, "Debezium Streaming");

    private final boolean advances;
    private final Database database;
    private final PostgresSettings settings;
    private final SlotCreation creation;
    private final SlotHistory history;
    private final PublicationGuard publication;

    /** @param advances whether the slot may be advanced; false for commands that only inspect it */
    public Slot(Database database, boolean advances) {
        this(database, advances, List.of());
    }

    /**
     * @param advances whether the slot may be advanced
     * @param watched the watched tables, which the publication must contain
     */
    public Slot(Database database, boolean advances, List<WatchedTable> watched) {
        this.advances = advances;
        this.database = database;
        this.settings = database.settings();
        this.creation = new SlotCreation(database);
        this.history = new SlotHistory(database);
        this.publication = new PublicationGuard(database, watched);
    }

    public SlotCreation creation() {
        return creation;
    }

    public SlotHistory history() {
        return history;
    }

    /** Returns the publication that the slot decodes. */
    public PublicationGuard publication() {
        return publication;
    }

    /** Whether the slot is acknowledged up to what the store has committed. */
    public boolean advances() {
        return advances;
    }

    /**
     * Returns the state of the slot; empty if no slot has the name.
     *
     * @throws Fault 3 if the slot belongs to another database or plugin
     */
    public Optional<SlotState> inspect() {
        Optional<SlotState> state = inspect(settings.username());
        String foreign = state.map(SlotState::foreign).orElse(null);
        if (foreign != null) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: slot %s is not a slot of flameup-sync (%s); choose another name in postgres.slot"
                            .formatted(settings.slot(), foreign));
        }
        return state;
    }

    /**
     * Returns the state of the slot, even of a foreign one; empty if no slot has the name.
     *
     * @param role the role that sessions of flameup-sync log in as
     */
    public Optional<SlotState> inspect(String role) {
        List<SlotState> states = new ArrayList<>();
        try (Connection connection = database.connection()) {
            Queries.query(
                    connection,
                    "SELECT s.plugin, s.database, s.restart_lsn, s.confirmed_flush_lsn, s.wal_status, s.active,"
                            + " s.active_pid, a.application_name, coalesce(host(a.client_addr), 'a local socket'), current_database(), a.usename"
                            + " FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid"
                            + " WHERE s.slot_name = ?",
                    row -> states.add(state(row, role)),
                    settings.slot());
        } catch (SQLException e) {
            throw database.fault("reading the slot", e);
        }
        return states.stream().findFirst();
    }

    private static SlotState state(ResultSet row, String role) throws SQLException {
        String confirmed = row.getString(4);
        boolean usable = row.getString(3) != null && confirmed != null && !"lost".equals(row.getString(5));
        return new SlotState(
                usable,
                confirmed == null ? null : Lsn.parse(confirmed),
                row.getBoolean(6) ? session(row, role) : null,
                foreign(row.getString(1), row.getString(2), row.getString(10)));
    }

    private static SlotState.Session session(ResultSet row, String role) throws SQLException {
        return new SlotState.Session(
                "pid %s, %s at %s".formatted(row.getString(7), row.getString(8), row.getString(9)),
                role.equals(row.getString(11)) && OUR_NAMES.contains(String.valueOf(row.getString(8))));
    }

    private static @Nullable String foreign(@Nullable String plugin, @Nullable String ofDatabase, String ours) {
        if (plugin == null) {
            return "it is a physical slot";
        }
        return plugin.equals("pgoutput") && ours.equals(ofDatabase)
                ? null
                : "plugin %s, database %s".formatted(plugin, ofDatabase);
    }

    /**
     * Waits like {@link #awaitIdle}, then checks that the slot continues the position.
     *
     * @throws Fault 75 naming the session that uses the slot; 7 if the slot does not continue the position
     */
    public void awaitFree(Lsn position, CountDownLatch stop) throws InterruptedException {
        SlotState state = awaitIdle(stop).orElseThrow(this::gone);
        // A session that streams advances the slot too, so a gap is only reported for an idle slot.
        if (!state.active()) {
            check(state, position);
        }
    }

    /**
     * Checks that the slot continues the position, even while a session streams from it.
     *
     * @param position read after the slot was inspected
     * @throws Fault 7 if it does not
     */
    public void watch(Supplier<Lsn> position) {
        check(inspect().orElseThrow(this::gone), position.get());
    }

    /**
     * Waits until no session uses the slot, at most for the server's {@code wal_sender_timeout}: the server may take that
     * long to notice that a former process of ours is gone.
     *
     * @return the idle state, or the last state when stopped; empty if there is no slot
     * @throws Fault 75 naming the session that uses the slot
     */
    public Optional<SlotState> awaitIdle(CountDownLatch stop) throws InterruptedException {
        long begin = System.nanoTime();
        Duration limit = senderTimeout();
        boolean logged = false;
        while (true) {
            Optional<SlotState> state = inspect();
            if (state.isEmpty() || !state.get().active()) {
                return state;
            }
            String holder = state.get().holder();
            Duration least = Duration.ofMillis(SessionSettings.LEAST_SENDER_TIMEOUT_MILLIS);
            Duration most = state.get().heldByUs() && limit.compareTo(least) < 0 ? least : limit;
            if (System.nanoTime() - begin > most.toNanos()) {
                throw inUse(holder);
            }
            if (!logged) {
                LOG.info("Slot {} is still in use ({}). Waiting", settings.slot(), holder);
                logged = true;
            }
            if (stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                return state;
            }
        }
    }

    private Duration senderTimeout() {
        return database.read("reading wal_sender_timeout", connection -> {
            long millis = Long.parseLong(
                    Queries.text(connection, "SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout'"));
            return millis == 0 ? Duration.ofSeconds(60) : Duration.ofMillis(millis + 2000);
        });
    }

    /**
     * Checks that a slot continues a position.
     *
     * @throws Fault 7 if it does not
     */
    public void check(SlotState state, Lsn position) {
        Lsn confirmed = state.confirmed();
        if (!state.usable() || confirmed == null) {
            throw invalidated();
        }
        if (confirmed.isAfter(position)) {
            throw Gap.orNewInstallation(
                    "slot %s is at %s, ahead of the stored position %s: the store belongs to an earlier installation or is an old copy, or the slot was created again"
                            .formatted(settings.slot(), confirmed, position));
        }
    }

    /**
     * Advances the slot to a position that the store has committed. No session may stream from the slot. Does nothing if
     * the slot does not advance, is gone, or is past the position.
     */
    public void advance(Lsn position) {
        if (!advances) {
            return;
        }
        Optional<Lsn> confirmed = afterRelease().map(SlotState::confirmed);
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
            throw database.fault("advancing the slot", e);
        }
    }

    /** The server may take a moment to notice that the stream has ended. */
    private Optional<SlotState> afterRelease() {
        long begin = System.nanoTime();
        Optional<SlotState> state = inspect();
        while (state.filter(SlotState::active).isPresent() && System.nanoTime() - begin < RELEASE_NANOS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
            state = inspect();
        }
        return state;
    }

    /**
     * Drops the slot if it exists, even a foreign one. Nothing can be resumed from it afterwards.
     *
     * @throws Fault 75 if a session streams from it
     */
    public void drop() {
        try (Connection connection = database.connection()) {
            Queries.text(connection, new Statements(settings, "", "").dropSlot());
            connection.commit();
        } catch (SQLException e) {
            if (PSQLState.OBJECT_IN_USE.getState().equals(e.getSQLState())) {
                throw inUse(inspect(settings.username())
                        .map(SlotState::holder)
                        .filter(holder -> !holder.isEmpty())
                        .orElse(PostgresFailures.message(e)));
            }
            throw database.fault("dropping slot " + settings.slot(), e);
        }
    }

    /** Returns the fault for a missing slot. */
    public Fault gone() {
        return Gap.of("slot %s is gone".formatted(settings.slot()));
    }

    /** Returns the fault for a slot whose WAL the server has dropped. */
    public Fault invalidated() {
        return Gap.of("slot %s was invalidated by the server".formatted(settings.slot()));
    }

    /** Returns the fault for a slot that a session of another process uses. */
    public Fault inUse(String holder) {
        return new Fault(
                ExitCode.TRY_LATER,
                "Postgres: slot %s is in use by another process: %s".formatted(settings.slot(), holder));
    }
}
