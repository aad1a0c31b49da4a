package ai.flameup.sync.state.directory;

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
 * The user that owns a state directory. Root could write to it as well, but the service could not write root's files
 * afterwards. Stateless.
 */
public final class DirectoryOwner {
    private static final String ROOT = "root";

    private DirectoryOwner() {}

    /**
     * The user that must run the commands; empty if it is the user of this process.
     *
     * @param directory must exist
     */
    public static Optional<String> otherUser(Path directory) throws IOException {
        if (!ROOT.equals(System.getProperty("user.name"))) {
            // The permissions decide: a group may share the directory.
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
     * @throws Fault 2 if root would write to the directory of another user
     */
    static void requireOwned(Path directory) throws IOException {
        Optional<String> other = otherUser(directory);
        if (other.isPresent()) {
            throw new Fault(
                    ExitCode.USAGE,
                    "the state directory %s belongs to user %s, who could not use files that root creates in it; run the same command as that user: sudo -u %s %s ..."
                            .formatted(directory, other.get(), describe(other.get()), Launcher.path()));
        }
    }

    private static String owner(Path path) throws IOException {
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
    }

    /** The user as an argument of {@code sudo -u}: a user without a name by number. */
    public static String describe(String user) {
        return ShellWord.of(user.matches("\\d+") ? "#" + user : user);
    }
}
