package ai.flameup.sync.init;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A configuration file that is made, readable by its owner alone, and never written over. Stateless. */
public final class DraftedFile {
    private DraftedFile() {}

    /**
     * Tells early what {@link #write} would run into, so that nobody answers questions in vain.
     *
     * @throws Fault 2
     */
    public static void check(Path file) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw exists(file);
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new Fault(ExitCode.USAGE, "%s cannot be written: its directory does not exist".formatted(file));
        }
        if (!Files.isWritable(parent)) {
            throw new Fault(ExitCode.USAGE, "%s cannot be written: its directory is not writable".formatted(file));
        }
    }

    /**
     * @throws Fault 2 if there is such a file by now, or it cannot be written; then nothing of it is left
     */
    public static void write(Path file, String text) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        } catch (IOException e) {
            throw cannotBeWritten(file, e);
        }
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            Fault fault = cannotBeWritten(file, e);
            try {
                Files.delete(file);
            } catch (IOException left) {
                fault.addSuppressed(left);
            }
            throw fault;
        }
    }

    private static Fault exists(Path file) {
        return new Fault(
                ExitCode.USAGE,
                "%s exists, and is never written over; move it away, or name another with --config".formatted(file));
    }

    private static Fault cannotBeWritten(Path file, IOException e) {
        return new Fault(ExitCode.USAGE, "%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
}
