package ai.flameup.sync.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Writes small files atomically: a reader finds the old or the new content, never a part. Does not wait for the disk. For one
 * writer per file.
 */
public final class WholeFile {
    private WholeFile() {}

    /** @param mode as {@code ls} prints it, such as {@code rw-r--r--} */
    public static void write(Path file, byte[] content, String mode) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
        Files.deleteIfExists(fresh);
        try {
            try (FileChannel channel = FileChannel.open(
                    fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(permissions))) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            // The umask may have removed some.
            Files.setPosixFilePermissions(fresh, permissions);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
