package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The mapped user id is null in every row. */
class NullUserIdsIT {
    private static final int REJECTED = 9;

    @Test
    void tableWithoutUserIds_haltsInsteadOfBeingParked() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 400);
            fixture.execute("ALTER TABLE public.users ADD ref text");
            fixture.configure("user-id: id", "user-id: ref");

            SyncProcess.Result dry = fixture.start("run", "--dry-run").awaitExit(Duration.ofSeconds(60));
            assertThat(dry.exitCode()).as("%s", dry).isEqualTo(REJECTED);

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(REJECTED);
            assertThat(result.err()).contains("the user id is null");
            assertThat(fixture.store().deadLetters()).hasSizeLessThan(100);
            assertThat(fixture.standIn().requests()).isZero();
        }
    }
}
