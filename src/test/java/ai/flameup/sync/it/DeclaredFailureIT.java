package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The API answers 200, and its body says that the request failed. */
class DeclaredFailureIT {
    private static final int ATTENTION = 6;
    private static final Behaviour FAILURE = Behaviour.ok()
            .body("{\"success\": false, \"error\": {\"type\": \"invalid_request\", \"message\": \"No such thing\"}}");

    @Test
    void successFalse_isParkedWithItsWords_andTryFails() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.standIn().when(request -> true, FAILURE);

            SyncProcess.Result run = fixture.untilCaughtUp();

            assertThat(run.exitCode()).as("%s", run).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).hasSize(3).allSatisfy(letter -> assertThat(letter)
                    .containsEntry("reason", "invalid_request: No such thing"));
            SyncProcess.Result tried = fixture.start("try", "--id", "1").awaitExit(Duration.ofSeconds(30));
            assertThat(tried.exitCode()).as("%s", tried).isEqualTo(ATTENTION);
            assertThat(tried.toString()).contains("No such thing");
        }
    }
}
