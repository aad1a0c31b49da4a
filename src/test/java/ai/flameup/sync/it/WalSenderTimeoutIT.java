package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A short {@code wal_sender_timeout} does not end the stream while the sidecar is busy. */
class WalSenderTimeoutIT {
    @Test
    void shortTimeout_besideABacklogThatIsNotTaken_cutsNothing() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of("wal_sender_timeout", "1s"));
                Fixture fixture = new Fixture(server)) {
            // given a run with a full queue, because the API accepts nothing
            fixture.insertUsers(1, 60_000);
            fixture.configure("mapping:\n", "delivery:\n  first-load: none\nmapping:\n");
            SyncProcess run = fixture.run();
            String sender = fixture.awaitStreaming();
            fixture.standIn().when(request -> true, Behaviour.status(503).after(Duration.ofMillis(200)));

            // when that is so for several times the time-out
            fixture.execute("UPDATE public.users SET phone = '2'");
            String begin = fixture.value("SELECT clock_timestamp()");
            Eventually.within(30, "several time-outs", () -> fixture.value(
                            "SELECT clock_timestamp() > timestamptz '" + begin + "' + interval '6 s'")
                    .equals("t"));

            // then the same session streams
            assertThat(fixture.awaitStreaming()).as("%s", run).isEqualTo(sender);
            assertThat(run.err()).doesNotContain("Replication stream lost");
            Doctor.look(fixture).says("wal_sender_timeout", "warning", "1s");
        }
    }
}
