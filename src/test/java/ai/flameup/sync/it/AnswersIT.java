package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Responses of Flameup and their effect. */
class AnswersIT {
    private static final int REFUSED = 5;
    private static final int ATTENTION = 6;

    @Test
    void randomFaults_convergeInOrder() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a fifth of all requests that fail in one way or another
            long seed = Long.getLong("flameup.test.seed", System.nanoTime());
            System.out.println("flameup.test.seed=" + seed);
            sometimes(fixture.standIn(), new SplittableRandom(seed));
            fixture.insertUsers(1, 300);
            SyncProcess process = fixture.run();
            // Not requests: a 429 may lead to batches.
            Eventually.within(60, "100 persons", () -> fixture.standIn().personCount() >= 100);

            // when the same rows change over and over
            for (int version = 2; version <= 6; version++) {
                fixture.execute("UPDATE public.users SET phone = '" + version + "' WHERE id % 6 >= " + (version - 2));
            }

            // then every person converges, and no state goes back
            fixture.awaitConverged(150);
            assertThat(process.isAlive()).isTrue();
            Fixture.assertNeverBackwards(fixture.standIn().history());
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    private static void sometimes(StandIn standIn, SplittableRandom random) {
        List<Behaviour> faults = List.of(
                Behaviour.status(500),
                Behaviour.status(503),
                Behaviour.status(429).header("Retry-After", "1"),
                Behaviour.resetBefore(),
                Behaviour.resetAfter(),
                Behaviour.halfAnswer());
        // Each is asked only where those before it were not taken: 0.2 in all, in nearly equal parts.
        faults.forEach(fault -> standIn.when(request -> hits(random, 0.2 / faults.size()), fault));
    }

    private static boolean hits(SplittableRandom random, double rate) {
        synchronized (random) {
            return random.nextDouble() < rate;
        }
    }

    @Test
    void refusedPerson_isParked_restIsDelivered() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 100);
            fixture.standIn()
                    .when(
                            request -> request.userId().equals("17"),
                            Behaviour.status(422).body("{\"error\": {\"message\": \"phone is not a phone number\"}}"));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> assertThat(letter)
                    .containsEntry("user_id", "17")
                    .containsEntry("status", "422")
                    .hasEntrySatisfying(
                            "reason", reason -> assertThat(reason).contains("phone is not a phone number")));
            assertThat(fixture.standIn().persons())
                    .extracting(StoredPerson::externalId)
                    .hasSize(99)
                    .doesNotContain("17");

            // and the next run reports no problem
            long requests = fixture.standIn().requests();
            fixture.catchUp();
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    @Test
    void refusedToken_keepsPosition() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given
            fixture.insertUsers(1, 50);
            fixture.catchUp();
            String before = fixture.value("SELECT pg_current_wal_lsn()");
            fixture.insertUsers(51, 100);
            fixture.standIn().token("another-token");

            // when
            SyncProcess.Result result = fixture.untilCaughtUp();

            // then
            assertThat(result.exitCode()).as("%s", result).isEqualTo(REFUSED);
            assertThat(result.err()).doesNotContain(Fixture.TOKEN).contains("token");
            assertThat(fixture.value("SELECT '" + fixture.confirmed() + "'::pg_lsn <= '" + before + "'"))
                    .as("the position stays before what was not delivered")
                    .isEqualTo("t");
            assertThat(fixture.store().deadLetters()).isEmpty();

            // and with the right token nothing was lost
            fixture.standIn().token(Fixture.TOKEN);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void refusedToken_halts_resumesOnceReplaced() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a run in step that reads its token from a file
            Path token = fixture.directory().resolve("token");
            Files.writeString(token, Fixture.TOKEN);
            fixture.configure("token: ${FLAMEUP_TOKEN}", "token-file: " + token);
            fixture.insertUsers(1, 50);
            SyncProcess process = fixture.fork("run");
            fixture.awaitConverged(60);

            // when the token is revoked
            fixture.standIn().token("another-token");
            fixture.execute("UPDATE public.users SET phone = '2'");
            process.awaitLog("Halted: .*token", Duration.ofSeconds(20));
            long refused = fixture.standIn().requests();
            fixture.execute("UPDATE public.users SET phone = '3'");

            // then it sends nothing more, parks nothing, and resumes with the new token
            Files.writeString(token, "another-token");
            process.hup();
            fixture.awaitConverged(60);
            assertThat(fixture.standIn().requests()).isGreaterThan(refused);
            assertThat(process.isAlive()).isTrue();
            assertThat(fixture.store().deadLetters()).isEmpty();
            Fixture.assertNeverBackwards(fixture.standIn().history());
        }
    }

    @Test
    void requestsInFlight_areMany_onePerPerson() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a slow API that records two concurrent requests for one person
            Duration delay = Duration.ofMillis(50);
            Duration sure = Duration.ofMillis(45);
            Map<String, Long> arrivals = new ConcurrentHashMap<>();
            Queue<String> tooEarly = new ConcurrentLinkedQueue<>();
            fixture.insertUsers(1, 40);
            fixture.catchUp();
            fixture.standIn()
                    .when(
                            request -> {
                                long now = System.nanoTime();
                                Long before = arrivals.put(request.userId(), now);
                                if (before != null && now - before < sure.toNanos()) {
                                    tooEarly.add(request.userId());
                                }
                                return true;
                            },
                            Behaviour.ok().after(delay));

            // when few rows change often
            for (int version = 2; version <= 40; version++) {
                fixture.execute("UPDATE public.users SET phone = '" + version + "'");
            }
            fixture.catchUp();

            // then
            assertThat(tooEarly).as("persons with two requests in flight").isEmpty();
            assertThat(fixture.standIn().maxInFlight()).isGreaterThan(8);
            Fixture.assertNeverBackwards(fixture.standIn().history());
            fixture.assertConverged();
        }
    }

    /** The sidecar's heartbeats advance the position every ten seconds. This is no progress of the stuck rows. */
    @Test
    void stuckLoad_endsFiniteRun_thoughPositionAdvances() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.standIn().when(request -> true, Behaviour.status(503));

            SyncProcess.Result result = fixture.start("run", "--until-caught-up", "--stall-timeout", "12s")
                    .awaitExit(Duration.ofSeconds(60));

            assertThat(result.exitCode()).as("%s", result).isEqualTo(4);
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.standIn().reset();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
