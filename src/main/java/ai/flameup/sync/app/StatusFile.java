package ai.flameup.sync.app;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status in the state directory, for commands beside the run and after it. What cannot be written is told once: it
 * keeps nobody from being delivered. For one thread at a time.
 */
final class StatusFile {
    private static final Logger LOG = LoggerFactory.getLogger(StatusFile.class);

    private final Path file;
    private final Path fresh;
    private boolean failed;

    StatusFile(Path directory) {
        this.file = in(directory);
        this.fresh = directory.resolve("status.json.new");
    }

    static Path in(Path directory) {
        return directory.resolve("status.json");
    }

    /** Whoever reads the file sees this one or the one before, whole. */
    void write(Status status) {
        try {
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(
                    fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes =
                        ByteBuffer.wrap(StatusJson.of(status).toPrettyString().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn(
                        "{} cannot be written ({}), so `flameup-sync status` tells of an earlier moment; make room on the disk",
                        file,
                        e.getClass().getSimpleName());
            }
            failed = true;
        }
    }
}
