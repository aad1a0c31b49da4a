package ai.flameup.sync.state.sqlite;

import ai.flameup.sync.state.directory.StateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows that the store's file is as it was when it was closed, so that it need not be checked at the next start. With a
 * million addresses the check takes 0.1 s, and most of a second if the file is not cached.
 *
 * <p>The mark is a file in the same directory with the store's size and modification time. It need not be deleted: any
 * change of the store (by SQLite, a restored copy, a faulty program) changes that time, and after a SIGKILL SQLite's log
 * remains. Without a valid mark, the store is checked.
 */
public final class CleanMark {
    private static final Logger log = LoggerFactory.getLogger(CleanMark.class);

    private final Path file;
    private final Path sqliteLog;
    private final Path mark;

    public CleanMark(Path file) {
        this.file = file;
        this.sqliteLog = file.resolveSibling(file.getFileName() + "-wal");
        this.mark = file.resolveSibling(file.getFileName() + ".closed");
    }

    /** Whether the mark is valid. To be called before the file is opened. */
    public boolean isValid() {
        try {
            return Files.notExists(sqliteLog)
                    && Files.exists(mark)
                    && Files.readString(mark).equals(fingerprint());
        } catch (IOException e) {
            log.debug("Mark of the closed store not readable, the store will be checked: {}", mark, e);
            return false;
        }
    }

    /** Writes the mark. To be called after the file was closed. */
    public void write() {
        try (FileChannel channel = StateFiles.open(mark, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(fingerprint().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            log.debug("Mark of the closed store not written, the next start will check the store: {}", mark, e);
        }
    }

    private String fingerprint() throws IOException {
        return Files.size(file) + " " + Files.getLastModifiedTime(file).toInstant();
    }
}
