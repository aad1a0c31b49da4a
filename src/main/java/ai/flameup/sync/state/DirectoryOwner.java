package ai.flameup.sync.state;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.fault.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The user that a state directory belongs to. Root could write there as well, but the files would be root's, and the
 * service could not write them afterwards. Stateless.
 */
public final class DirectoryOwner {
    private static final String ROOT = "root";

    private DirectoryOwner() {}

    /**
     * The user that commands have to be run as; empty where that is the user of this process.
     *
     * @param directory is there
     */
    public static Optional<String> other(Path directory) throws IOException {
        if (!ROOT.equals(System.getProperty("user.name"))) {
            // Its rights decide: the directory may be shared with it by a group.
            return Optional.empty();
        }
        Path owned = Stream.of("state.db", "lock")
                .map(directory::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElse(directory);
        return Optional.of(owner(owned)).filter(name -> !name.equals(ROOT));
    }

    /**
     * @throws Fault 2 where root would write into the directory of another user
     */
    static void demandOurs(Path directory) throws IOException {
        Optional<String> other = other(directory);
        if (other.isPresent()) {
            throw new Fault(
                    ExitCode.USAGE,
                    "the state directory %s belongs to user %s, which could not use the files that root leaves there; run the same command as that user: sudo -u %s %s ..."
                            .formatted(directory, other.get(), word(other.get()), Launcher.path()));
        }
    }

    private static String owner(Path path) throws IOException {
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
    }

    /** The user as {@code sudo -u} takes it: one without a name by its number. */
    public static String word(String user) {
        return ShellWord.of(user.matches("\\d+") ? "#" + user : user);
    }
}
