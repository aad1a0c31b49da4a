package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Statuses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryFileIT {
    private static final Instant AT = Instant.parse("2026-11-26T03:12:00Z");

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("history.json");
    }

    @Test
    void writtenHistory_isReadAgain_byTheOwnerOnly() throws Exception {
        History history = Statuses.history(Statuses.slotLost(AT));
        new HistoryFile(directory).write(history);

        assertThat(new HistoryFile(directory).read()).isEqualTo(history);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(directory.toFile().list()).containsExactly("history.json");
    }

    @Test
    void missingFile_isNoHistory() {
        assertThat(new HistoryFile(directory).read()).isEqualTo(History.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"samples\": []}",
                "{\"samples\": [{\"at\": \"today\"}], \"events\": []}",
                "{\"samples\": [], \"events\": [{\"at\": \"2026-11-26T03:12:00Z\", \"kind\": \"other\"}]}"
            })
    void damagedFile_isNoHistory_andIsReplaced(String content) throws Exception {
        Files.writeString(file(), content);
        HistoryFile file = new HistoryFile(directory);

        assertThat(file.read()).isEqualTo(History.NOTHING);
        History history = Statuses.history(Statuses.inStep(AT));
        file.write(history);
        assertThat(file.read()).isEqualTo(history);
    }

    @Test
    void hugeFile_isNoHistory() throws Exception {
        History history = Statuses.history(Statuses.inStep(AT));
        HistoryFile file = new HistoryFile(directory);
        file.write(history);
        Files.writeString(file(), Files.readString(file()) + " ".repeat(1 << 20));

        assertThat(file.read()).isEqualTo(History.NOTHING);
    }

    @Test
    void unwritableDirectory_isNoFailure() {
        Path missing = directory.resolve("missing");
        new HistoryFile(missing).write(History.NOTHING);
        assertThat(missing).doesNotExist();
    }
}
