package ai.flameup.sync.it;

import ai.flameup.sync.standin.AppliedPerson;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Inserts five users a second, and sees when they arrive at the API, whether persons take addresses that others still have, and how
 * much WAL the slot retains. Thread-safe.
 */
final class SignUps implements AutoCloseable {
    private static final long FIRST = 10_000_000;
    private static final long EVERY_MILLIS = 200;

    private final Fixture fixture;
    private final Connection connection;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, Instant> committed = new ConcurrentHashMap<>();
    private final Map<String, Instant> arrived = new ConcurrentHashMap<>();
    private final Map<String, String> addresses = new HashMap<>();
    private final Map<String, String> holders = new HashMap<>();
    private final List<String> taken = new ArrayList<>();
    private long number;
    private volatile long retained;
    private volatile long maxRetained;

    SignUps(Fixture fixture) throws SQLException {
        this.fixture = fixture;
        this.connection = fixture.connect();
        fixture.standIn().onPerson(this::applied);
    }

    void start() {
        Future<?> unused = clock.scheduleAtFixedRate(this::signUp, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void signUp() {
        long id = FIRST + number++;
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO public.users (id, email, phone) VALUES (?, 'new' || ? || '@example.com', '1')");
                PreparedStatement wal = connection.prepareStatement(
                        "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = ?")) {
            insert.setLong(1, id);
            insert.setLong(2, id);
            insert.executeUpdate();
            committed.put("" + id, Instant.now());
            wal.setString(1, fixture.slot());
            try (var row = wal.executeQuery()) {
                if (row.next()) {
                    retained = row.getLong(1);
                    maxRetained = Math.max(maxRetained, retained);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized void applied(AppliedPerson person) {
        String userId = person.userId();
        arrived.putIfAbsent(userId, person.at());
        String email = person.person().path("email").asText(null);
        if (email == null) {
            return;
        }
        String holder = holders.get(email);
        if (holder != null && !holder.equals(userId) && email.equals(addresses.get(holder))) {
            taken.add(userId + " took the address of " + holder);
        }
        addresses.put(userId, email);
        holders.put(email, userId);
    }

    /** Inserts no more. */
    void stop() throws InterruptedException {
        clock.shutdown();
        clock.awaitTermination(10, TimeUnit.SECONDS);
    }

    /** Returns when one arrived that was committed after this. */
    Instant awaitArrivalSince(Instant since, int seconds) {
        Eventually.within(
                seconds, "a user who signed up", () -> !latenciesSince(since).isEmpty());
        return Instant.now();
    }

    /** Returns the times from commit to arrival of those committed since then, in their order. Not those that have not arrived. */
    List<Duration> latenciesSince(Instant since) {
        return committed.entrySet().stream()
                .filter(one -> one.getValue().isAfter(since) && arrived.containsKey(one.getKey()))
                .map(one -> Duration.between(one.getValue(), arrived.get(one.getKey())))
                .sorted()
                .toList();
    }

    /** Waits until less WAL is retained, and measures the most from then on. */
    void awaitReleased(long bytes, int seconds) {
        Eventually.within(seconds, "the WAL is released", () -> retained < bytes);
        maxRetained = 0;
    }

    /** Returns the most WAL that was retained, in bytes. */
    long maxRetained() {
        return maxRetained;
    }

    /** Returns who took an address that another person still had. */
    synchronized List<String> takenAddresses() {
        return List.copyOf(taken);
    }

    @Override
    public void close() throws SQLException {
        clock.shutdownNow();
        connection.close();
    }
}
