package ai.flameup.sync.it;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.state.directory.StateDirectory;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The doctor reports only what it can verify, and the reason for which the run is halted. */
class DoctorStandingIT {
    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void statusWithoutToken_isReported() {
        fixture.standIn().next(Behaviour.status(405));

        Doctor.look(fixture)
                .says("token", "warning", "unknown", "405", "flameup-sync try --config")
                .says("permissions", "warning", "405");
    }

    @Test
    void haltedRun_isReported() throws Exception {
        fixture.insertUsers(1, 2);
        fixture.catchUp();
        try (StateDirectory held = StateDirectory.open(fixture.stateDirectory())) {
            Files.writeString(held.path().resolve("status.json"), """
                    {"pid": %d, "state": "halted", "since": "2026-11-29T12:00:00Z",
                     "reason": "too many persons are refused", "remedy": "flameup-sync dead-letters list"}
                    """.formatted(
                            ProcessHandle.current().pid()));

            Doctor.look(fixture)
                    .says(
                            "run",
                            "failed",
                            "halted since 2026-11-29T12:00:00Z: too many persons are refused",
                            "flameup-sync dead-letters list");
        }
    }
}
