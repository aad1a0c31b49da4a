package ai.flameup.sync.state;

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
 * The directory that holds what must outlive the process, and the lock that keeps it to one process at a time. The lock
 * dies with the process, however that ends; its file stays. May be shared between threads.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StateDirectory.class);

    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OUR_FILE = PosixFilePermissions.fromString("rw-------");
    private static final int LONGEST_PID = 20;
    private static final String ROOM = "room";
    private static final int ROOM_BYTES = 1 << 20;

    /**
     * The directories that this process holds. INVARIANT: the lock file of one of them is not opened a second time:
     * closing any descriptor of a file drops all locks that the process has on it (POSIX fcntl).
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private StateDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Takes the directory, and makes it where there is none, readable by nobody else.
     *
     * @throws Fault with {@link ExitCode#TRY_LATER} if another process holds it, with {@link ExitCode#STORE} if it cannot
     *     be made or written, with {@link ExitCode#USAGE} if root would write into the directory of another user
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
     * Who holds the directory; empty where nobody does. It is asked without taking it: a lock that is shared, for an
     * instant, is refused to nobody but one who takes the directory in that very instant.
     *
     * @return the holder's pid, or "unknown"
     * @throws Fault with {@link ExitCode#STORE} if it cannot be told
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

    /** Its real path, links resolved. */
    public Path path() {
        return path;
    }

    /** Lets another process have it. Closing twice does nothing. */
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
     * Demands that more can be written. The store alone would tell only after some work: it writes over what it has first.
     *
     * @throws Fault with {@link ExitCode#STORE} where that fails
     */
    public void demandRoom() {
        Path file = path.resolve(ROOM);
        try {
            try {
                Files.write(file, new byte[ROOM_BYTES], StandardOpenOption.CREATE, StandardOpenOption.DSYNC);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw cannotBeUsed(path, e);
        }
    }

    private static Path prepare(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            DirectoryOwner.demandOurs(path);
            tighten(path);
        } else {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        }
        if (!Files.isWritable(path)) {
            throw new Fault(ExitCode.STORE, "the state directory " + path + " is not writable; " + REMEDY);
        }
        return path.toRealPath();
    }

    /** A directory with others' files in it, /tmp for one, is not ours to close; our files in it are closed anyway. */
    private static void tighten(Path path) throws IOException {
        if (OURS_ALONE.containsAll(Files.getPosixFilePermissions(path))) {
            return;
        }
        if (holdsOnlyOurs(path) && close(path)) {
            log.info("The state directory {} was open to other users; it is closed to them now (0700)", path);
        } else {
            log.warn("The state directory {} is open to other users; give flameup-sync one of its own (0700)", path);
        }
    }

    /** @return false where it belongs to another user, who lets us write there */
    private static boolean close(Path path) {
        try {
            Files.setPosixFilePermissions(path, OURS_ALONE);
            return true;
        } catch (IOException e) {
            log.debug("The permissions of {} cannot be changed", path, e);
            return false;
        }
    }

    private static boolean holdsOnlyOurs(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .allMatch(name -> name.equals("lock")
                            || name.equals("in-flight")
                            || name.equals(ROOM)
                            || name.startsWith("status.json")
                            || name.startsWith("notified")
                            || name.startsWith("state.db"));
        }
    }

    private static FileChannel lock(Path directory, Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OUR_FILE));
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

    /** Empty for the instant between another's lock and its writing. */
    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_PID);
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
                "the state directory %s is in use by another flameup-sync (pid %s); wait for it or stop it"
                        .formatted(path, pid.isEmpty() ? "unknown" : pid));
    }

    private static Fault cannotBeUsed(Path path, IOException e) {
        return new Fault(
                ExitCode.STORE,
                "the state directory %s cannot be used: %s; %s".formatted(path, StoreFaults.reason(e), REMEDY),
                e);
    }

    static final String REMEDY =
            "state.directory must be on a local disk with room on it, and belong to the user that runs flameup-sync";
}
