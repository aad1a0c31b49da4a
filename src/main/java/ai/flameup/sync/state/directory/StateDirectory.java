package ai.flameup.sync.state.directory;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of the files that survive the process, and the lock that restricts it to one process at a time. The lock
 * ends with the process, whatever the cause; its file stays. May be shared between threads.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StateDirectory.class);

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final int MAX_PID_CHARS = 20;
    private static final String SPACE_FILE = "room";
    private static final int SPACE_BYTES = 1 << 20;

    /**
     * The directories that this process holds. INVARIANT: the lock file of a held directory is not opened again, because
     * closing any descriptor of a file releases all locks that the process has on it (POSIX fcntl).
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private StateDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Locks the directory. Creates it if there is none, with access for the owner only.
     *
     * @throws Fault with {@link ExitCode#TRY_LATER} if another process holds it, with {@link ExitCode#STORE} if it cannot
     *     be created or written, with {@link ExitCode#USAGE} if root would write to the directory of another user
     */
    public static StateDirectory open(Path path) {
        try {
            Path real = prepare(path);
            if (!HELD.add(real)) {
                throw heldBy(path, "" + ProcessHandle.current().pid());
            }
            try {
                return new StateDirectory(real, lock(path, real.resolve("lock")));
            } catch (IOException | RuntimeException e) {
                HELD.remove(real);
                throw e;
            }
        } catch (IOException e) {
            throw cannotBeUsed(path, e);
        }
    }

    /**
     * The process that holds the directory, if one does. It tries a shared lock for an instant, which can disturb only a
     * process that locks the directory in the same instant.
     *
     * @return the holder's pid, or "unknown"
     * @throws Fault with {@link ExitCode#STORE} if the lock file cannot be read
     */
    public static Optional<String> holder(Path path) {
        try {
            Path real = path.toRealPath();
            Path file = real.resolve("lock");
            if (HELD.contains(real)) {
                return Optional.of("" + ProcessHandle.current().pid());
            }
            return Files.exists(file) ? holderOf(file) : Optional.empty();
        } catch (IOException e) {
            throw cannotBeUsed(path, e);
        }
    }

    private static Optional<String> holderOf(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.tryLock(0, Long.MAX_VALUE, true) != null) {
                return Optional.empty();
            }
            String pid = read(channel);
            return Optional.of(pid.isEmpty() ? "unknown" : pid);
        }
    }

    /** The real path, with links resolved. */
    public Path path() {
        return path;
    }

    /** Releases the lock. Closing again has no effect. */
    @Override
    public void close() {
        try {
            if (channel.isOpen()) {
                channel.close();
                HELD.remove(path);
            }
        } catch (IOException e) {
            throw cannotBeUsed(path, e);
        }
    }

    /**
     * Requires that 1 MB can be written. The store alone would notice a full disk late, because it first reuses its space.
     *
     * @throws Fault with {@link ExitCode#STORE} if that fails
     */
    public void requireRoom() {
        Path file = path.resolve(SPACE_FILE);
        try {
            try {
                Files.write(file, new byte[SPACE_BYTES], StandardOpenOption.CREATE, StandardOpenOption.DSYNC);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw cannotBeUsed(path, e);
        }
    }

    private static Path prepare(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            DirectoryOwner.requireOwned(path);
            restrict(path);
        } else {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(PRIVATE));
        }
        if (!Files.isWritable(path)) {
            throw new Fault(ExitCode.STORE, "the state directory " + path + " is not writable; " + REMEDY);
        }
        return path.toRealPath();
    }

    /** A directory with files of others, such as /tmp, is not changed. The files of the sidecar in it are private anyway. */
    private static void restrict(Path path) throws IOException {
        if (PRIVATE.containsAll(Files.getPosixFilePermissions(path))) {
            return;
        }
        if (hasOnlyOwnFiles(path) && makePrivate(path)) {
            log.info("State directory was open to other users, access removed: path={}, mode=0700", path);
        } else {
            log.warn(
                    "State directory is open to other users, set state.directory to a separate directory (0700): path={}",
                    path);
        }
    }

    /** Returns false if it belongs to another user, who permits writing to it. */
    private static boolean makePrivate(Path path) {
        try {
            Files.setPosixFilePermissions(path, PRIVATE);
            return true;
        } catch (IOException e) {
            log.debug("Permissions of the state directory not changed: path={}", path, e);
            return false;
        }
    }

    private static boolean hasOnlyOwnFiles(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .allMatch(name -> name.equals("lock")
                            || name.equals("in-flight")
                            || name.equals(SPACE_FILE)
                            || name.startsWith("status.json")
                            || name.startsWith("history.json")
                            || name.startsWith("notified")
                            || name.startsWith("state.db"));
        }
    }

    private static FileChannel lock(Path directory, Path file) throws IOException {
        FileChannel channel = StateFiles.open(file, StandardOpenOption.READ);
        try {
            if (channel.tryLock() == null) {
                throw heldBy(directory, read(channel));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
            return channel;
        } catch (IOException | RuntimeException e) {
            closeAfter(e, channel);
            throw e;
        }
    }

    /** Empty in the instant between the lock of another process and its write. */
    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_CHARS);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    private static void closeAfter(Exception why, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static Fault heldBy(Path path, String pid) {
        return new Fault(
                ExitCode.TRY_LATER,
                "the state directory %s is in use by another flameup-sync (pid %s); wait until it ends, or stop it"
                        .formatted(path, pid.isEmpty() ? "unknown" : pid));
    }

    private static Fault cannotBeUsed(Path path, IOException e) {
        return new Fault(
                ExitCode.STORE,
                "the state directory %s cannot be used: %s; %s".formatted(path, StateFiles.reason(e), REMEDY),
                e);
    }

    static final String REMEDY =
            "state.directory must be on a local disk with free space, and belong to the user that runs flameup-sync";
}
