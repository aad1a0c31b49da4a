package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.state.DirectoryOwner;
import ai.flameup.sync.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a run can have its directory, and whether there is room in it. For one thread. */
final class StateDirectoryCheck implements Check {
    private static final String NAME = "state directory";
    private static final String SPACE = "disk space";
    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    /** What the store of a million persons takes, and as much again for a new form of it. */
    private static final long SCARCE_BYTES = 1L << 30;

    private static final long TOO_FEW_BYTES = 32L << 20;

    private final Path directory;
    private Optional<String> holder = Optional.empty();

    StateDirectoryCheck(Path directory) {
        this.directory = directory;
    }

    /** The pid of the process that has the directory, after {@link #look}. */
    Optional<String> holder() {
        return holder;
    }

    @Override
    public List<Finding> look() {
        Path there = directory.toAbsolutePath().normalize();
        while (Files.notExists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            String file = ShellWord.of(there.toString());
            return List.of(Finding.failed(
                    ExitCode.STORE,
                    NAME,
                    "%s is a file, and no directory".formatted(there),
                    "mv %s %s".formatted(file, ShellWord.of(there + ".old"))));
        }
        if (!Files.isWritable(there)) {
            return List.of(Finding.failed(
                    ExitCode.STORE,
                    NAME,
                    "%s cannot be written".formatted(there),
                    "sudo install -d -m 700 -o %s %s"
                            .formatted(
                                    ShellWord.of(System.getProperty("user.name")),
                                    ShellWord.of(directory.toString()))));
        }
        List<Finding> findings = new ArrayList<>();
        if (there.equals(directory.toAbsolutePath().normalize())) {
            holder = StateDirectory.holder(directory);
            findings.add(rights());
        } else {
            findings.add(Finding.ok(NAME, "%s is not there yet, and can be made".formatted(directory)));
        }
        findings.add(space(there, usable(there)));
        return findings;
    }

    private Finding rights() {
        String word = ShellWord.of(directory.toString());
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(directory);
            if (!OURS_ALONE.containsAll(rights)) {
                return Finding.warning(
                        NAME,
                        "%s is open to other users (%s)".formatted(directory, PosixFilePermissions.toString(rights)),
                        "chmod 700 " + word);
            }
        } catch (IOException e) {
            throw unseen(e);
        }
        return Finding.ok(
                NAME,
                directory
                        + owner()
                        + holder.map(pid -> ", in use by a run (pid %s)".formatted(pid))
                                .orElse(", in use by nobody"));
    }

    private String owner() {
        try {
            return DirectoryOwner.other(directory)
                    .map(user -> ", owned by user %s; run commands that write there as that user".formatted(user))
                    .orElse("");
        } catch (IOException e) {
            throw unseen(e);
        }
    }

    private long usable(Path there) {
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            throw unseen(e);
        }
    }

    private Fault unseen(IOException e) {
        return new Fault(
                ExitCode.STORE,
                "%s cannot be looked at: %s".formatted(directory, e.getClass().getSimpleName()),
                e);
    }

    static Finding space(Path there, long bytes) {
        String message = "%s free at %s".formatted(Sizes.text(bytes), there);
        String remedy = "du -xh --max-depth 1 %s | sort -h".formatted(ShellWord.of(there.toString()));
        if (bytes < TOO_FEW_BYTES) {
            return Finding.failed(ExitCode.STORE, SPACE, message + ", which is too little; make room there", remedy);
        }
        return bytes < SCARCE_BYTES
                ? Finding.warning(SPACE, message + ", which is little; make room there", remedy)
                : Finding.ok(SPACE, message);
    }
}
