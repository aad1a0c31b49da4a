package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An API that works less well than announced is reported in the log and in the status. */
class ApiNoticesIT {
    @Test
    void batchAnswerWithoutPersons_andUnreadableHeaders_areReported() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 20);
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  batch: always\n");
            fixture.standIn()
                    .when(
                            request -> request.userId().isEmpty(),
                            Behaviour.ok().body("{}").header("X-RateLimit-Reset", "soon"));

            SyncProcess run = fixture.run();

            Eventually.within(30, "both notices", () -> fixture.status()
                    .path("notices")
                    .findValuesAsText("name")
                    .containsAll(List.of("batches-given-up", "rate-limit-unknown")));
            assertThat(run.err())
                    .contains("Batch call not usable: its answer names no person")
                    .contains("Rate limit headers not understood: X-RateLimit-Reset: soon");
            fixture.awaitConverged(30);
        }
    }
}
