package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A relative path in the configuration is relative to its file, not to the working directory. */
class RelativePathsIT {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void secretFile_relative_isRelativeToTheFile() throws IOException {
        Files.createDirectories(directory.resolve("conf/secrets"));
        Files.writeString(directory.resolve("conf/secrets/token"), "a-token");
        Files.writeString(directory.resolve("conf/password"), "a-password");
        file = directory.resolve("conf").resolve(SettingsFile.NAME);
    }

    private Settings load(String url, String state, Map<String, String> environment) throws IOException {
        Files.writeString(file, """
                postgres: {url: '%s', username: me, password-file: password, table: public.users}
                flameup: {workspace: demo, token-file: ./secrets/token}
                %s
                """.formatted(url, state));
        return SettingsFile.load(file, environment);
    }

    @ParameterizedTest
    @CsvSource({
        "'', conf/state",
        "'state: {directory: ./state}', conf/state",
        "'state: {directory: ../elsewhere/state}', elsewhere/state",
        "'state: {directory: \"${DIR:-other}\"}', conf/other"
    })
    void stateAndSecrets_relative_areRelativeToTheFile(String state, String expected) throws IOException {
        Settings settings = load("jdbc:postgresql://db/app", state, Map.of());

        assertThat(settings.stateDirectory()).isEqualTo(directory.resolve(expected));
        assertThat(SettingsFile.stateDirectory(file, Map.of())).isEqualTo(directory.resolve(expected));
        assertThat(settings.flameup().token().get()).isEqualTo("a-token");
        assertThat(settings.postgres().password()).isEqualTo("a-password");
    }

    @Test
    void absoluteAndSystemdPaths_areUnchanged() throws IOException {
        assertThat(load("jdbc:postgresql://db/app", "state: {directory: /var/lib/x}", Map.of())
                        .stateDirectory())
                .isEqualTo(Path.of("/var/lib/x"));
        assertThat(load("jdbc:postgresql://db/app", "", Map.of("STATE_DIRECTORY", "/var/lib/y"))
                        .stateDirectory())
                .isEqualTo(Path.of("/var/lib/y"));
    }

    @ParameterizedTest
    @CsvSource({
        "sslrootcert=ca.pem, sslrootcert=%s/conf/ca.pem",
        "sslmode=verify-full&sslcert=a%20b.pem&sslkey=../k.der, sslmode=verify-full&sslcert=%s/conf/a%%20b.pem&sslkey=%s/conf/../k.der",
        "sslrootcert=/etc/ssl/ca.pem&sslmode=require, sslrootcert=/etc/ssl/ca.pem&sslmode=require",
        "sslfactoryarg=file:ca.pem, sslfactoryarg=file:%s/conf/ca.pem"
    })
    void urlFiles_relative_areRelativeToTheFile(String query, String expected) throws IOException {
        assertThat(load("jdbc:postgresql://db/app?" + query, "", Map.of())
                        .postgres()
                        .url())
                .isEqualTo("jdbc:postgresql://db/app?" + expected.formatted(directory, directory));
    }
}
