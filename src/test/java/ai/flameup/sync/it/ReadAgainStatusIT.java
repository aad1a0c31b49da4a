package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import org.junit.jupiter.api.Test;

/** Deferred rows count as lag in the status, because they are not delivered yet. */
class ReadAgainStatusIT {
    @Test
    void deferredRows_countAsLag() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("    phone: phone\n", "    phone: phone\n    twice: twice\n");
            fixture.execute("ALTER TABLE users ADD twice text GENERATED ALWAYS AS (phone || phone) STORED");
            fixture.insertUsers(1, 10);
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");

            // when the rows that are read again are not answered, and everything else is
            fixture.standIn()
                    .when(
                            request ->
                                    request.body().path("traits").path("twice").isTextual(),
                            Behaviour.ok().held());
            fixture.execute("UPDATE users SET phone = '2'");
            Eventually.within(30, "held rows", () -> !fixture.standIn().held().isEmpty());

            // then that is a lag
            fixture.awaitState("behind");
            assertThat(fixture.status().path("lag_seconds").asDouble()).isGreaterThan(4);
            assertThat(fixture.status().path("reason").asText()).contains("read again");
            fixture.standIn().reset().release();
            fixture.awaitState("in_step");
            assertThat(process.isAlive()).isTrue();
        }
    }
}
