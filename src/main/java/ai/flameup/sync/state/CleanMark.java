package ai.flameup.sync.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of the store's file that it lies there as it was left when it was closed, so that it need not be read from end to
 * end at each start: with a million addresses that takes 0.1 s, and most of a second where the file is not in memory.
 *
 * <p>The mark is a file beside it with its size and its time of change. It never has to be taken away: whatever changes
 * the file (SQLite, a copy put in its place, a faulty program) changes its time, and a log that was not played back
 * before the end, SIGKILL's for one, is there to be seen. Without a mark, or with a wrong one, the file is read.
 */
final class CleanMark {
    private static final Logger log = LoggerFactory.getLogger(CleanMark.class);

    private final Path file;
    private final Path sqliteLog;
    private final Path mark;

    CleanMark(Path file) {
        this.file = file;
        this.sqliteLog = file.resolveSibling(file.getFileName() + "-wal");
        this.mark = file.resolveSibling(file.getFileName() + ".closed");
    }

    /** To be asked before the file is opened. */
    boolean stands() {
        try {
            return Files.notExists(sqliteLog)
                    && Files.exists(mark)
                    && Files.readString(mark).equals(seen());
        } catch (IOException e) {
            log.debug("No mark can be read, so the store is checked", e);
            return false;
        }
    }

    /** To be called after the file was closed. */
    void leave() {
        try (FileChannel channel = FileChannel.open(
                mark,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            channel.write(ByteBuffer.wrap(seen().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            log.debug("No mark is left, so the store will be checked at the next start", e);
        }
    }

    private String seen() throws IOException {
        return Files.size(file) + " " + Files.getLastModifiedTime(file).toInstant();
    }
}
