package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** One process at a time. */
class LockIT {
    private static final int TRY_LATER = 75;

    @Test
    void lockedStateDirectory_isRefused() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given
            fixture.insertUsers(1, 10);
            SyncProcess first = fixture.fork("run");
            fixture.awaitConverged(60);

            // when
            SyncProcess.Result second = fixture.untilCaughtUp();

            // then
            assertThat(second.exitCode()).as("%s", second).isEqualTo(TRY_LATER);
            assertThat(second.errLines())
                    .as("%s", second)
                    .anyMatch(line -> line.contains(fixture.stateDirectory().toString()));
            BadInputIT.assertNoStackTrace(second);
            assertThat(first.isAlive()).isTrue();

            // and the lock dies with its holder
            first.kill9();
            fixture.catchUp();
        }
    }

    @Test
    void slotInUse_isLeftToItsClient() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a slot that another client reads
            fixture.execute("ALTER DATABASE " + fixture.database() + " SET wal_sender_timeout = '2s'");
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.awaitReleased();
            String confirmed = fixture.confirmed();
            try (Connection other = replication(fixture);
                    PGReplicationStream stream = hold(fixture, other)) {
                CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(stream));
                String pid = fixture.value(
                        "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + fixture.slot() + "'");
                assertThat(pid).isNotNull();

                // when
                SyncProcess.Result result = fixture.untilCaughtUp();

                // then
                assertThat(reading).as("the holder").isNotDone();
                assertThat(result.exitCode()).as("%s", result).isEqualTo(TRY_LATER);
                assertThat(result.errLines())
                        .as("%s", result)
                        .anyMatch(line -> line.contains(fixture.slot()) && line.contains(pid));
                BadInputIT.assertNoStackTrace(result);
                assertThat(fixture.confirmed()).isEqualTo(confirmed);
            }
        }
    }

    @Test
    void firstStart_slotInUse_waits() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a slot of a former process's, which the server has not seen end, and a store that was lost
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            Files.move(fixture.stateDirectory(), fixture.directory().resolve("lost"));
            SyncProcess process;
            try (Connection other = replication(fixture);
                    PGReplicationStream stream = hold(fixture, other)) {
                CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(stream));
                process = fixture.start("run", "--until-caught-up", "--yes");
                process.awaitLog("is still in use", Duration.ofSeconds(30));
                assertThat(reading).as("the holder").isNotDone();
            }

            // then it continues once that client is gone
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(60));
            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.assertConverged();
        }
    }

    static Connection replication(Fixture fixture) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, fixture.server().username());
        PGProperty.PASSWORD.set(properties, fixture.server().password());
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return DriverManager.getConnection(fixture.server().jdbcUrl(fixture.database()), properties);
    }

    static PGReplicationStream hold(Fixture fixture, Connection connection) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(fixture.slot())
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", fixture.slot())
                .withAutomaticFlush(false)
                .withStatusInterval(200, java.util.concurrent.TimeUnit.MILLISECONDS)
                .start();
    }

    /** Answers the server's keep-alives, until the stream is closed. */
    static void read(PGReplicationStream stream) {
        try {
            while (!stream.isClosed()) {
                stream.readPending();
                Thread.onSpinWait();
            }
        } catch (SQLException e) {
            if (!stream.isClosed()) {
                throw new IllegalStateException(e);
            }
        }
    }
}
