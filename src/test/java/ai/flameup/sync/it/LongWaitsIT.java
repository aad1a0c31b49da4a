package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules whose check mostly waits: all start together, and each test waits for its own. */
class LongWaitsIT {
    private static final int ATTENTION = 6;
    private static final int ROWS = 10_000;
    private static final String POISON = "7777";

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static Future<Void> ceiling;
    private static Future<Void> token;
    private static Future<Void> failingAlone;
    private static Future<Void> failingInBatches;

    @BeforeAll
    static void beginAll() {
        ceiling = begin(LongWaitsIT::keepACeiling);
        token = begin(LongWaitsIT::revokeAToken);
        failingAlone = begin(() -> failAlways(StandIn::noBudget));
        failingInBatches = begin(() -> failAlways(standIn -> standIn.budget(40, Duration.ofSeconds(1))));
    }

    private interface Trial {
        void run() throws Exception;
    }

    private interface Limit {
        StandIn on(StandIn standIn);
    }

    private static Future<Void> begin(Trial trial) {
        Callable<Void> task = () -> {
            trial.run();
            return null;
        };
        return THREADS.submit(task);
    }

    @AfterAll
    static void endAll() throws InterruptedException {
        THREADS.shutdown();
        assertThat(THREADS.awaitTermination(4, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void configuredRateLimit_isRespected() throws Exception {
        ceiling.get();
    }

    @Test
    void revokedToken_haltsUntilFileIsCorrected() throws Exception {
        token.get();
    }

    @Test
    void failingRow_isParked_positionAdvances() throws Exception {
        failingAlone.get();
    }

    @Test
    void failingRow_inBatches_isFoundAndParked() throws Exception {
        failingInBatches.get();
    }

    private static Fixture fixture(int rows, String... flameup) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        fixture.configure(before ->
                before.replace("  workspace: demo\n", "  workspace: demo\n  " + String.join("\n  ", flameup) + "\n"));
        return fixture;
    }

    private static void keepACeiling() throws Exception {
        try (Fixture fixture = fixture(70, "max-requests-per-minute: 60", "batch: never")) {
            Arrivals arrivals = Arrivals.at(fixture.standIn());
            fixture.run();

            fixture.awaitRequests(61, 100);

            List<Arrivals.Arrival> all = arrivals.all();
            assertThat(Duration.ofNanos(all.get(60).nanos() - all.get(0).nanos()))
                    .as("from the first request to the 61st")
                    .isGreaterThan(Duration.ofMillis(59_500));
            assertThat(Duration.ofNanos(all.get(59).nanos() - all.get(0).nanos()))
                    .as("a minute's requests are not held back for longer")
                    .isLessThan(Duration.ofSeconds(65));
        }
    }

    private static void revokeAToken() throws Exception {
        try (Fixture fixture = fixture(10)) {
            // given a run with a backlog
            Path file = Files.writeString(fixture.directory().resolve("token"), Fixture.TOKEN);
            fixture.configure("token: ${FLAMEUP_TOKEN}", "token-file: " + file);
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(10)));
            fixture.insertUsers(11, 3_000);
            String end = fixture.value("SELECT pg_current_wal_lsn()");
            fixture.awaitRequests(500, 60);

            // when
            fixture.standIn().token("rotated");
            process.awaitLog("Halted: .*token", Duration.ofSeconds(20));

            // then nothing is parked, the position stays, and nothing more is sent
            assertThat(fixture.store().deadLetters()).isEmpty();
            assertThat(fixture.value("SELECT '" + fixture.confirmed() + "'::pg_lsn < '" + end + "'"))
                    .isEqualTo("t");
            assertThat(fixture.standIn().personCount()).isLessThan(3_000);
            Eventually.settled(
                    10, Duration.ofSeconds(1), "rest", () -> fixture.standIn().requests());

            // and it resumes by itself, without a signal
            Files.writeString(file, "rotated\n");
            fixture.awaitConverged(100);
            assertThat(fixture.store().deadLetters()).isEmpty();
            assertThat(process.isAlive()).isTrue();
            assertThat(process.err()).doesNotContain("rotated");
        }
    }

    private static void failAlways(Limit limit) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a row among many of one transaction for which the API always fails
            limit.on(fixture.standIn().keepHistory(false));
            fixture.catchUp();
            fixture.insertUsers(1, ROWS);
            String end = fixture.value("SELECT pg_current_wal_lsn()");
            fixture.standIn().when(StandIn.about(POISON), Behaviour.status(500));

            // when it is delivered while other rows change
            SyncProcess.Result result;
            try (Workload workload = Workload.start(fixture, 1, 50)) {
                result = fixture.start("run", "--until-caught-up").awaitExit(Duration.ofMinutes(3));
                workload.stop();
            }

            // then only this row is parked
            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> assertThat(letter)
                    .containsEntry("user_id", POISON)
                    .containsEntry("status", "500"));
            assertThat(fixture.value("SELECT '" + fixture.confirmed() + "'::pg_lsn >= '" + end + "'"))
                    .as("the slot has moved past it")
                    .isEqualTo("t");
            fixture.execute("DELETE FROM public.users WHERE id = " + POISON);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
