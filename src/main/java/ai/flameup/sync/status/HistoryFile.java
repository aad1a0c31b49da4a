package ai.flameup.sync.status;

import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.HistoryJson;
import ai.flameup.sync.observe.WholeFile;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history in the state directory, so that it survives a restart of the process. No failure stops the
 * delivery. For one thread at a time.
 */
final class HistoryFile {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryFile.class);
    /** Limits what is read; the file is always much smaller. */
    private static final int MAX_BYTES = 1 << 19;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private boolean failed;

    HistoryFile(Path directory) {
        this.file = directory.resolve("history.json");
    }

    /** What was written last; nothing if there is no file, or, with one line in the log, if it cannot be used. */
    History read() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IllegalArgumentException("it is too large");
            }
            return HistoryJson.read(JSON.readTree(content));
        } catch (NoSuchFileException e) {
            return History.NOTHING;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            LOG.warn(
                    "{} cannot be used ({}), so the status page shows no history of earlier runs",
                    file,
                    e.getClass().getSimpleName());
            return History.NOTHING;
        }
    }

    /** Replaces the file atomically. A failure is logged once. */
    void write(History history) {
        try {
            WholeFile.write(file, HistoryJson.of(history).toString().getBytes(StandardCharsets.UTF_8), "rw-------");
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn(
                        "{} cannot be written ({}), so a restart loses the status page's last hour. Free space on the disk",
                        file,
                        e.getClass().getSimpleName());
            }
            failed = true;
        }
    }
}
