package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TildePathIT {
    @TempDir
    private Path directory;

    /** Otherwise it would name a directory called ~ next to the file. */
    @ParameterizedTest
    @ValueSource(strings = {"~/state", "\"~\""})
    void tilde_isRefused(String path) throws Exception {
        Path file = Files.writeString(directory.resolve(SettingsFile.NAME), """
                postgres: {url: 'jdbc:postgresql://127.0.0.1:1/app', username: me, table: public.users}
                flameup: {base-url: 'http://127.0.0.1:1', workspace: demo, token: demo-token}
                state: {directory: %s}
                """.formatted(path));

        assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> SettingsFile.load(file, Map.of()))
                .withMessageContaining("state.directory")
                .withMessageContaining("~")
                .satisfies(fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE));
    }
}
