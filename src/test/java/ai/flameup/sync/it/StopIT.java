package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A run ends on a stop request at any moment. It does not end because a connection breaks. */
class StopIT {
    private static final int TRY_LATER = 75;

    /** A stop request that arrived while the stream was being opened was lost, and the process never ended. */
    @RepeatedTest(3)
    void stop_duringStart_endsRun() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);

            SyncProcess process = fixture.run();
            process.awaitLog("Following ", Duration.ofSeconds(60));
            process.term();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(15));
            assertThat(result.exitCode()).as("%s", result).isZero();

            SyncProcess finite = fixture.fork("run", "--until-caught-up");
            finite.awaitLog("Catching up ", Duration.ofSeconds(60));
            finite.term();
            SyncProcess.Result interrupted = finite.awaitExit(Duration.ofSeconds(15));
            assertThat(interrupted.exitCode()).as("%s", interrupted).isIn(TRY_LATER, 0);

            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    /** The server waits for the thread that reads the stream, which waits until the pipeline has taken its rows. */
    @Test
    void stop_whileTheStreamIsBlocked_endsRun() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.standIn().when(request -> true, Behaviour.silence());
            SyncProcess process = fixture.fork("run");
            process.awaitLog("Following ", Duration.ofSeconds(60));
            fixture.insertUsers(1, 60_000);
            Eventually.within(60, "a server that waits", () -> fixture.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND backend_type = 'walsender' AND wait_event = 'WalSenderWriteData'")
                    .equals("1"));

            process.term();

            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(20));
            assertThat(result.exitCode()).as("%s", result).isZero();
        }
    }

    /** A pool's new connection was in a transaction already, and a read of the table on it ended the run. */
    @Test
    void brokenPoolConnections_runContinues() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a first load under way
            fixture.insertUsers(1, 20_000);
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(20)));
            SyncProcess process = fixture.start("run", "--until-caught-up");

            // when its sessions are ended, over and over
            long cut = 0;
            for (int time = 1; time <= 10; time++) {
                long requests = time * 1_000L;
                Eventually.within(60, "requests", () -> {
                    assertThat(process.isAlive()).as("%s", process).isTrue();
                    return fixture.standIn().requests() >= requests;
                });
                cut += Long.parseLong(fixture.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name = 'flameup-sync'"
                        + " AND backend_type = 'client backend'"));
            }
            assertThat(cut).as("sessions ended").isPositive();

            // then
            fixture.standIn().reset();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(90));
            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.assertConverged();
        }
    }
}
