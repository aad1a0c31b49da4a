package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A refused token, permission or workspace is no dead letter, and a refused payload is no halt. */
class RefusalsIT {
    private static final int REFUSED = 5;
    private static final int ATTENTION = 6;

    private static Fixture fixture(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        return fixture;
    }

    private static Path tokenFile(Fixture fixture) throws Exception {
        Path file = Files.writeString(fixture.directory().resolve("token"), Fixture.TOKEN);
        fixture.configure("token: ${FLAMEUP_TOKEN}", "token-file: " + file);
        return file;
    }

    private static void slow(Fixture fixture) {
        fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(10)));
    }

    private static void assertNothingParked(Fixture fixture) throws SQLException {
        assertThat(fixture.store().deadLetters()).isEmpty();
    }

    @Test
    void revokedToken_endsFiniteRun() throws Exception {
        try (Fixture fixture = fixture(3_000)) {
            // given
            slow(fixture);
            SyncProcess process = fixture.start("run", "--until-caught-up");
            fixture.awaitRequests(500, 30);

            // when
            fixture.standIn().token("rotated");
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(30));

            // then
            assertThat(result.exitCode()).as("%s", result).isEqualTo(REFUSED);
            BadInputIT.assertNoStackTrace(result);
            assertNothingParked(fixture);

            // and the next run continues
            fixture.standIn().token(Fixture.TOKEN);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void partialRevocation_parksNothing() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        try (Fixture fixture = fixture(2_000)) {
            // given a revocation that reaches the API's nodes one by one
            Path token = tokenFile(fixture);
            slow(fixture);
            SyncProcess process = fixture.fork("run");
            fixture.awaitRequests(200, 60);
            fixture.standIn()
                    .reset()
                    .sometimes(
                            seed,
                            List.of(
                                    Behaviour.status(401).atRate(0.1),
                                    Behaviour.ok().after(Duration.ofMillis(10)).atRate(0.9)));

            // when it resumes repeatedly, with responses of both kinds
            process.awaitLog("Halted: .*token", Duration.ofSeconds(20));
            assertNothingParked(fixture);
            for (int again = 0; again < 5; again++) {
                long requests = fixture.standIn().requests();
                process.hup();
                fixture.awaitRequests(requests + 1, 20);
            }
            assertNothingParked(fixture);

            // then
            fixture.standIn().reset();
            Files.writeString(token, Fixture.TOKEN);
            Eventually.within(60, "everybody", () -> {
                process.hup();
                return fixture.standIn().personCount() == 2_000;
            });
            assertNothingParked(fixture);
            Fixture.assertNeverBackwards(fixture.standIn().history());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void refusedPayloads_areParked(int status) throws Exception {
        try (Fixture fixture = fixture(100)) {
            fixture.standIn().when(StandIn.about("17", "42"), Behaviour.status(status));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters())
                    .allSatisfy(letter -> assertThat(letter).containsEntry("status", Integer.toString(status)))
                    .extracting(letter -> letter.get("user_id"))
                    .containsExactlyInAnyOrder("17", "42");
            assertThat(fixture.standIn().personCount()).isEqualTo(98);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void onlyTwoPersonsRefused_halts(int status) throws Exception {
        try (Fixture fixture = fixture(100)) {
            fixture.catchUp();
            fixture.standIn().when(StandIn.about("17", "42"), Behaviour.status(status));
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id IN (17, 42)");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(REFUSED);
            assertNothingParked(fixture);
            fixture.standIn().reset();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void allPersonsRefused_halts(int status) throws Exception {
        try (Fixture fixture = fixture(1_000)) {
            fixture.standIn().when(request -> true, Behaviour.status(status));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(REFUSED);
            BadInputIT.assertNoStackTrace(result);
            assertNothingParked(fixture);
            assertThat(fixture.standIn().requests()).isLessThan(70);
            fixture.standIn().reset();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void missingWorkspace_duringRun_halts() throws Exception {
        try (Fixture fixture = fixture(2_000)) {
            slow(fixture);
            SyncProcess process = fixture.start("run", "--until-caught-up");
            fixture.awaitRequests(500, 30);
            fixture.standIn().workspace("moved");

            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(30));

            assertThat(result.exitCode()).as("%s", result).isEqualTo(REFUSED);
            assertNothingParked(fixture);
            fixture.standIn().workspace("demo");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
