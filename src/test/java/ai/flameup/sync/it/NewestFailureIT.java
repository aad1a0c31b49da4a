package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where nothing is delivered, the operator reads the reason of the newest failure. */
class NewestFailureIT {
    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @BeforeEach
    void insert() throws Exception {
        fixture.insertUsers(1, 30);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void answerWith(int status) {
        fixture.standIn().reset();
        fixture.standIn().when(request -> true, Behaviour.status(status));
    }

    private void awaitReason(String words) {
        Eventually.within(
                30, words, () -> fixture.status().path("reason").asText().contains(words));
    }

    @Test
    void outage_reasonIsTheNewest() {
        answerWith(500);
        fixture.run();
        fixture.awaitState("outage");
        awaitReason("status 500");

        answerWith(502);

        awaitReason("status 502");
    }

    @Test
    void stalledRun_namesTheLastFailure() {
        answerWith(500);

        SyncProcess.Result result = fixture.start("run", "--until-caught-up", "--stall-timeout", "4s")
                .awaitExit(Duration.ofSeconds(30));

        assertThat(result.exitCode()).as("%s", result).isEqualTo(4);
        assertThat(result.err()).contains("nothing was delivered for 4 s: status 500; check flameup.base-url");
    }
}
