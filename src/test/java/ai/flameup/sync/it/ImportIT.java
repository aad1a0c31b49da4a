package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** An import in one transaction beside users who sign up, at 120 requests in 10 s. Nightly in full size. */
class ImportIT {
    private static final int IMPORTED = PostgresServer.NIGHTLY ? 500_000 : 12_000;
    private static final int FIRST = 1_000;
    private static final int KILLS = PostgresServer.NIGHTLY ? 10 : 2;
    /** Twice as long as 1,200 persons a second take. */
    private static final int SECONDS = 60 + 2 * IMPORTED / 1_200;

    private static final long MAX_RETAINED = 64L << 20;
    private static final long TWO_SEGMENTS = 32L << 20;

    private static Fixture fixture() throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.configure(before -> before.replace("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n")
                .replace("  table: public.users\n", "  table: public.users\n  max-retained-wal: 64MB\n"));
        fixture.insertUsers(1, 100);
        fixture.catchUp();
        fixture.standIn().keepHistory(false);
        limit(fixture);
        return fixture;
    }

    private static void limit(Fixture fixture) {
        fixture.standIn().budget(120, Duration.ofSeconds(10));
    }

    @Test
    @EnabledIfSystemProperty(named = "flameup.nightly", matches = "true")
    void signUps_arriveInTime_andTheServerReleasesItsWal() throws Exception {
        try (Fixture fixture = fixture();
                SignUps signUps = new SignUps(fixture)) {
            SyncProcess process = fixture.fork("run");
            fixture.awaitStreaming();
            signUps.start();
            fixture.insertUsers(FIRST, FIRST + IMPORTED - 1);
            Instant imported = Instant.now();
            Instant arrived = signUps.awaitArrivalSince(imported, SECONDS);
            // The server moves the slot's restart_lsn about half a minute after it may.
            signUps.awaitReleased(MAX_RETAINED, 60);
            process.awaitLog("No change is deferred any more", Duration.ofSeconds(SECONDS));

            List<Duration> all = signUps.latenciesSince(imported);
            List<Duration> behind = signUps.latenciesSince(arrived);
            System.out.printf(
                    "import: arrived in %d ms; %d sign-ups, median %d ms, p99 %d ms; %d behind it, median %d ms, p99 %d ms; retained WAL %,d bytes%n",
                    Duration.between(imported, arrived).toMillis(),
                    all.size(),
                    part(all, 0.5).toMillis(),
                    part(all, 0.99).toMillis(),
                    behind.size(),
                    part(behind, 0.5).toMillis(),
                    part(behind, 0.99).toMillis(),
                    signUps.maxRetained());
            assertThat(part(all, 0.5)).isLessThan(Duration.ofSeconds(2));
            assertThat(part(behind, 0.99)).isLessThan(Duration.ofSeconds(5));
            assertThat(signUps.maxRetained()).isLessThan(MAX_RETAINED + TWO_SEGMENTS);
            signUps.stop();
            fixture.awaitConverged(10);
        }
    }

    private static Duration part(List<Duration> sorted, double share) {
        return sorted.get((int) (share * (sorted.size() - 1)));
    }

    @Test
    void killsOutageDeletesAndMoves_loseNothing() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture();
                SignUps signUps = new SignUps(fixture)) {
            SyncProcess process = fixture.fork("run");
            fixture.awaitStreaming();
            signUps.start();
            fixture.insertUsers(FIRST, FIRST + IMPORTED - 1);
            for (int kill = 1; kill <= KILLS; kill++) {
                fixture.awaitRequests(fixture.standIn().requests() + 1 + random.nextInt(60), SECONDS);
                process.kill9();
                process.awaitExit(Duration.ofSeconds(10));
                if (kill == 1) {
                    change(fixture);
                }
                process = fixture.fork("run");
                if (kill == KILLS / 2) {
                    outage(fixture);
                }
            }
            Eventually.within(
                    SECONDS,
                    "a budget or two",
                    () -> signUps.latenciesSince(Instant.EPOCH).size() > 30);
            signUps.stop();
            process.term();
            process.awaitExit(Duration.ofSeconds(20));

            fixture.standIn().noBudget();
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(signUps.takenAddresses()).isEmpty();
        }
    }

    /** Rows are deleted, and every 50th gives its address to the next one, unless it was deleted. */
    private static void change(Fixture fixture) throws SQLException {
        fixture.execute(
                "DELETE FROM public.users WHERE id >= %d AND id %% 97 = 0".formatted(FIRST),
                "UPDATE public.users SET email = 'moved' || id || '@example.com', phone = '2' WHERE id >= %d AND id %% 50 = 3"
                        .formatted(FIRST),
                "UPDATE public.users SET email = 'user' || (id - 1) || '@example.com', phone = '2' WHERE id >= %d AND id %% 50 = 4 AND (id - 1) %% 97 <> 0"
                        .formatted(FIRST));
    }

    private static void outage(Fixture fixture) {
        fixture.standIn().when(request -> true, Behaviour.status(503));
        fixture.awaitRequests(fixture.standIn().requests() + 5, 60);
        fixture.standIn().reset();
        limit(fixture);
    }
}
