package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each command by the real launcher, because most other tests run commands in their own process. */
class LauncherIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void everyCommand_byTheLauncher_doesItsWork() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);

            expect(fixture, 0, "publication", "setup");
            expect(fixture, 0, "\"phone\"", "preview", "--id", "1");
            expect(fixture, 0, "", "run", "--until-caught-up");
            fixture.assertConverged();
            expect(fixture, 0, "", "try", "--id", "1");
            expect(fixture, 0, "", "status");
            expect(fixture, 0, "", "backfill", "start", "--id", "2");
            expect(fixture, 0, "2", "backfill", "list");
            expect(fixture, 0, "dead letters", "dead-letters", "list");
            expect(fixture, 0, "Resync", "resync", "--yes");
            // The limit of a slot's retained WAL is not set.
            expect(fixture, 6, "max_slot_wal_keep_size", "doctor");
            expect(fixture, 0, "", "teardown", "--yes");
        }
    }

    @Test
    void commandWithoutConfiguration_byTheLauncher_isUsage() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                SyncProcess process =
                        SyncProcess.start(fixture.directory(), Map.of(), List.of("run", "--config", "missing.yaml"))) {
            assertThat(process.awaitExit(LIMIT).exitCode()).isEqualTo(2);
        }
    }

    private static void expect(Fixture fixture, int exitCode, String words, String... command) {
        SyncProcess.Result result = fixture.fork(command).awaitExit(LIMIT);
        assertThat(result.exitCode()).as("%s: %s", List.of(command), result).isEqualTo(exitCode);
        assertThat(result.out()).as("%s: %s", List.of(command), result).contains(words);
    }
}
