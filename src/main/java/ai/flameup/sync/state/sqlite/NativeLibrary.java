package ai.flameup.sync.state.sqlite;

import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.util.OSInfo;

/** Sets the location of SQLite's library, before the first store is opened. */
public final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Uses the library of the distribution, if it has one for this system. Otherwise the driver unpacks its own, which
     * fails if the temporary directory is mounted with noexec.
     *
     * @param directory has a library for each system, in the driver's own folders
     */
    public static void useFrom(Path directory) {
        Path library = directory.resolve(OSInfo.getNativeLibFolderPathForCurrentOS());
        if (Files.isDirectory(library)) {
            System.setProperty("org.sqlite.lib.path", library.toString());
        }
    }
}
