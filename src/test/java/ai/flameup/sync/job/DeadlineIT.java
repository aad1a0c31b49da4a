package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.StateStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadlineIT {
    @TempDir
    private Path directory;

    /** A fault of Postgres, which is exit 3 before the deadline. */
    @Test
    void run_thatFailsPastItsDeadline_endsWith75() throws Exception {
        Path file = Files.writeString(directory.resolve(SettingsFile.NAME), """
                postgres: {url: 'jdbc:postgresql://127.0.0.1:1/app', username: me, table: public.users}
                flameup: {base-url: 'http://127.0.0.1:1', workspace: demo, token: demo-token}
                state: {directory: state}
                """);
        Settings settings = SettingsFile.load(file, Map.of());
        StateStore.open(Files.createDirectory(settings.stateDirectory())).close();
        RunOptions options = new RunOptions(true, Duration.ofMinutes(1), Duration.ZERO, false);

        assertThat(new SyncJob(settings, options).run()).isEqualTo(ExitCode.TRY_LATER);
    }
}
