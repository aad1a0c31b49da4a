package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.finding.Sizes;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.state.directory.DirectoryOwner;
import ai.flameup.sync.state.directory.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks whether a run can use its state directory, and its free space. For one thread. */
final class StateDirectoryCheck implements Check {
    private static final String NAME = "state directory";
    private static final String SPACE = "disk space";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    /** The store of a million persons, and as much again for its migration. */
    private static final long AMPLE_BYTES = 1L << 30;

    private static final long MIN_BYTES = 32L << 20;

    private final Path directory;
    private Optional<String> holder = Optional.empty();

    StateDirectoryCheck(Path directory) {
        this.directory = directory;
    }

    /** The pid of the process that holds the directory, after {@link #findings}. */
    Optional<String> holder() {
        return holder;
    }

    @Override
    public List<Finding> findings() {
        Path existing = directory.toAbsolutePath().normalize();
        while (Files.notExists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            String file = ShellWord.of(existing.toString());
            return List.of(Finding.failed(
                    ExitCode.STORE,
                    NAME,
                    "%s is a file, not a directory".formatted(existing),
                    "mv %s %s".formatted(file, ShellWord.of(existing + ".old"))));
        }
        if (!Files.isWritable(existing)) {
            return List.of(Finding.failed(
                    ExitCode.STORE,
                    NAME,
                    "%s cannot be written".formatted(existing),
                    "sudo install -d -m 700 -o %s %s"
                            .formatted(
                                    ShellWord.of(System.getProperty("user.name")),
                                    ShellWord.of(directory.toString()))));
        }
        List<Finding> findings = new ArrayList<>();
        if (existing.equals(directory.toAbsolutePath().normalize())) {
            holder = StateDirectory.holder(directory);
            findings.add(permissions());
        } else {
            findings.add(Finding.ok(NAME, "%s does not exist yet and can be created".formatted(directory)));
        }
        findings.add(space(existing, usable(existing)));
        return findings;
    }

    private Finding permissions() {
        String word = ShellWord.of(directory.toString());
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
            if (!PRIVATE.containsAll(permissions)) {
                return Finding.warning(
                        NAME,
                        "%s is open to other users (%s)"
                                .formatted(directory, PosixFilePermissions.toString(permissions)),
                        "chmod 700 " + word);
            }
        } catch (IOException e) {
            throw notInspected(e);
        }
        return Finding.ok(
                NAME,
                directory
                        + owner()
                        + holder.map(pid -> ", in use by a run (pid %s)".formatted(pid))
                                .orElse(", not in use"));
    }

    private String owner() {
        try {
            return DirectoryOwner.otherUser(directory)
                    .map(user -> ", owned by user %s: run commands that write to it as that user".formatted(user))
                    .orElse("");
        } catch (IOException e) {
            throw notInspected(e);
        }
    }

    private long usable(Path existing) {
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            throw notInspected(e);
        }
    }

    private Fault notInspected(IOException e) {
        return new Fault(
                ExitCode.STORE,
                "%s cannot be inspected: %s".formatted(directory, e.getClass().getSimpleName()),
                e);
    }

    static Finding space(Path existing, long bytes) {
        String message = "%s free at %s".formatted(Sizes.text(bytes), existing);
        String remedy = "du -xh --max-depth 1 %s | sort -h".formatted(ShellWord.of(existing.toString()));
        if (bytes < MIN_BYTES) {
            return Finding.failed(
                    ExitCode.STORE,
                    SPACE,
                    "%s, less than the %s that a run needs. Free some space".formatted(message, Sizes.text(MIN_BYTES)),
                    remedy);
        }
        return bytes < AMPLE_BYTES
                ? Finding.warning(
                        SPACE,
                        "%s, less than %s. Free some space before the store grows"
                                .formatted(message, Sizes.text(AMPLE_BYTES)),
                        remedy)
                : Finding.ok(SPACE, message);
    }
}
