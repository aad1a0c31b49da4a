package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * First loads of tables around the sizes of a window and of a chunk. A finite run once ended before the rows of the last
 * chunk were taken in.
 */
class SmallLoadsIT {
    private static final int TIMES = Integer.getInteger("flameup.test.times", 2);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 65, 100, 128, 129, 300, 1_000})
    void finiteRun_deliversEveryRow(int rows) throws Exception {
        for (int time = 0; time < TIMES; time++) {
            try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
                fixture.insertUsers(1, rows);

                SyncProcess.Result result = fixture.catchUp();

                assertThat(fixture.standIn().requests()).as("%s", result).isEqualTo(rows);
                fixture.assertConverged();
            }
        }
    }

    @Test
    void outageAtStart_isRetried() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given
            fixture.insertUsers(1, 300);
            fixture.standIn().when(request -> true, Behaviour.status(503));
            SyncProcess process = fixture.start("run", "--until-caught-up");
            fixture.awaitRequests(7, 60);
            assertThat(fixture.standIn().maxInFlight()).as("probes at a time").isEqualTo(1);

            // when
            fixture.standIn().reset();

            // then
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(90));
            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.assertConverged();
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    @Test
    void unreachableApiAtStart_isRetried() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given an unused port
            int port = EmbeddedServer.freePort();
            fixture.insertUsers(1, 300);
            fixture.configure(fixture.standIn().baseUrl().toString(), "http://127.0.0.1:" + port);
            SyncProcess process = fixture.start("run", "--until-caught-up");
            process.awaitLog("Flameup is not responding", Duration.ofSeconds(60));

            // when the API starts on it
            try (StandIn late = StandIn.start(port)) {
                SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(90));

                // then
                assertThat(result.exitCode()).as("%s", result).isZero();
                assertThat(late.personCount()).isEqualTo(300);
                assertThat(fixture.store().deadLetters()).isEmpty();
            }
        }
    }
}
