package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import ai.flameup.sync.observe.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status into the state directory, for commands during the run and after it. A failure is logged once, and
 * does not stop the delivery. For one thread at a time.
 */
final class StatusFile {
    private static final Logger LOG = LoggerFactory.getLogger(StatusFile.class);

    private final Path file;
    private boolean failed;

    StatusFile(Path directory) {
        this.file = in(directory);
    }

    static Path in(Path directory) {
        return directory.resolve("status.json");
    }

    /** Replaces the file atomically. */
    void write(Status status) {
        try {
            WholeFile.write(file, StatusJson.of(status).toPrettyString().getBytes(StandardCharsets.UTF_8), "rw-------");
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn(
                        "{} cannot be written ({}), so `flameup-sync status` shows an earlier state. Free space on the disk",
                        file,
                        e.getClass().getSimpleName());
            }
            failed = true;
        }
    }
}
