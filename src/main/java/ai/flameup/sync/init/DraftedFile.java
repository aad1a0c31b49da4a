package ai.flameup.sync.init;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Creates a configuration file that only its owner can read. Never overwrites a file. Stateless. */
public final class DraftedFile {
    private DraftedFile() {}

    /**
     * Checks whether {@link #write} can succeed, before the operator answers questions.
     *
     * @throws Fault 2 if it cannot
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
     * Creates the file.
     *
     * @throws Fault 2 if the file exists or cannot be written; then it leaves no partial file
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
                "%s exists and is not overwritten. Move it, or name another file with --config".formatted(file));
    }

    private static Fault cannotBeWritten(Path file, IOException e) {
        return new Fault(ExitCode.USAGE, "%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
}
